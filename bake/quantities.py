"""Quantities as docker's users write them.

Sizes are those of go-units (0.5): `512m`, `1.5GB`, `64 KiB`, all in powers of 1024; durations those of Go:
`90s`, `1h30m`, `-1.5ms`.
"""

from __future__ import annotations

import re
from typing import Final

from bake.goquote import quoted

_SIZE = re.compile(r"(\d+\.?\d*|\.\d+) ?(?:([kmgtp])(?:i?b)?|b)?", re.ASCII | re.IGNORECASE)
_POWERS = "kmgtp"
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


def parse_size(text: str) -> int:
    """Bytes. Raises ValueError, in docker's words."""
    found = _SIZE.fullmatch(text)
    if found is None:
        raise ValueError(f"invalid size: '{text}'")
    unit = found[2]
    return int(float(found[1]) * 1024 ** (_POWERS.index(unit.lower()) + 1 if unit else 0))


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
