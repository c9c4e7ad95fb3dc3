"""Quantities as docker's users read and write them.

Sizes and times are those of go-units (0.5): `512m`, `1.5GB`, `64 KiB`; durations those of Go: `90s`, `1h30m`,
`-1.5ms`.
"""

from __future__ import annotations

import re
from typing import Final

from bake.goquote import quoted

_SIZE: Final = re.compile(r"(.*[0-9.]) ?([^0-9. ]*)", re.DOTALL)
_NUMBER: Final = re.compile(r"\+?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")
_POWER: Final = re.compile(r"([kmgtp])(?:i?b)?|b?")
_SECOND: Final = 10**9
_UNITS: Final = {
    "ns": 1,
    "us": 10**3,
    "\u00b5s": 10**3,
    "\u03bcs": 10**3,
    "ms": 10**6,
    "s": _SECOND,
    "m": 60 * _SECOND,
    "h": 3600 * _SECOND,
}
_PART: Final = re.compile(r"(\d*)(?:\.(\d*))?([^.\d]*)", re.ASCII)
_MAX_DURATION: Final = 2**63 - 1
ULIMITS: Final = frozenset(
    (
        *("core", "cpu", "data", "fsize", "locks", "memlock", "msgqueue", "nice", "nofile", "nproc"),
        *("rss", "rtprio", "rttime", "sigpending", "stack"),
    )
)
"""What processes can be limited in, by docker's names."""


def parse_size(text: str) -> int:
    """Bytes, of units in powers of 1024. Raises ValueError, in docker's words."""
    found = _SIZE.fullmatch(text)
    if found is None or not _NUMBER.fullmatch(found[1]):
        raise ValueError(f"invalid size: '{text}'")
    unit = found[2].lower()
    power = _POWER.fullmatch(unit)
    if power is None:
        raise ValueError(f"invalid suffix: '{unit}'")
    size = float(found[1]) * 1024 ** ("kmgtp".index(power[1]) + 1 if power[1] else 0)
    if size >= 2**63:
        raise ValueError(f"invalid size: '{text}'")
    return int(size)


def parse_seconds(text: str) -> float:
    """The seconds of a duration. Raises ValueError, in Go's words."""
    return parse_duration(text) / _SECOND


def parse_duration(text: str) -> int:
    """Nanoseconds. Raises ValueError, in Go's words."""
    invalid = ValueError(f"time: invalid duration {quoted(text)}")
    rest = text.removeprefix("-") if text.startswith("-") else text.removeprefix("+")
    if rest == "0":
        return 0
    total = 0
    if not rest:
        raise invalid
    while rest:
        found = _PART.match(rest)
        if found is None or not (found[1] or found[2]):
            raise invalid
        if not found[3]:
            raise ValueError(f"time: missing unit in duration {quoted(text)}")
        unit = _UNITS.get(found[3])
        if unit is None:
            raise ValueError(f"time: unknown unit {quoted(found[3])} in duration {quoted(text)}")
        if len(found[1]) > 20:
            raise invalid
        total += int(found[1] or 0) * unit
        if found[2]:
            # Go goes through a float64 here, which shows in the last nanosecond
            digits = found[2][:18]
            total += int(float(int(digits)) * (unit / 10.0 ** len(digits)))
        if total > _MAX_DURATION + text.startswith("-"):
            raise invalid
        rest = rest[found.end() :]
    return -total if text.startswith("-") else total


def human_size(count: int) -> str:
    """`count` bytes with four digits, in decimal units, as docker's tables have them: `4.096kB`, `2.04MB`."""
    return _scaled(count, 1000, ("B", "kB", "MB", "GB", "TB", "PB", "EB"))


def binary_size(count: int) -> str:
    """`count` bytes with four digits, in powers of 1024: `3.346GiB`."""
    return _scaled(count, 1024, ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"))


def _scaled(count: int, base: int, units: tuple[str, ...]) -> str:
    size, power = float(count), 0
    while size >= base and power < len(units) - 1:
        size, power = size / base, power + 1
    return f"{size:.4g}{units[power]}"


def human_duration(seconds: float) -> str:
    """About how long that is, in docker's words (go-units): `About a minute`, `3 hours`."""
    minutes, hours = int(seconds // 60), int(seconds / 3600 + 0.5)
    steps = (
        (seconds < 1, "Less than a second"),
        (seconds < 2, "1 second"),
        (seconds < 60, f"{int(seconds)} seconds"),
        (minutes == 1, "About a minute"),
        (minutes < 60, f"{minutes} minutes"),
        (hours == 1, "About an hour"),
        (hours < 48, f"{hours} hours"),
        (hours < 24 * 7 * 2, f"{hours // 24} days"),
        (hours < 24 * 30 * 2, f"{hours // 24 // 7} weeks"),
        (hours < 24 * 365 * 2, f"{hours // 24 // 30} months"),
    )
    return next((words for fits, words in steps if fits), f"{int(seconds / 3600) // 24 // 365} years")


def go_duration(seconds: float) -> str:
    """`seconds` as Go prints a duration of at least one: `48h0m0s`, `1m30s`, `1.5s`."""
    whole, fraction = divmod(round(seconds * 1e9), 10**9)
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    tail = f"{rest}" + (f".{fraction:09d}".rstrip("0") if fraction else "") + "s"
    if hours:
        return f"{hours}h{minutes}m{tail}"
    return f"{minutes}m{tail}" if minutes else tail
