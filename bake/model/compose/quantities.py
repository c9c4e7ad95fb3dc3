"""Sizes and limits as Docker writes them (docker/go-units, as buildx 0.36.1 uses it)."""

from __future__ import annotations

import re

from bake.goscalars import parse_int64

_UNITS = {unit: 1024**power for power, unit in enumerate("bkmgtp")}
_UNIT = re.compile(r"([kmgtp]?)(?:ib|b)?|b", re.ASCII)
_NAMES = ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB")
_ULIMITS = frozenset(
    (
        *("core", "cpu", "data", "fsize", "locks", "memlock", "msgqueue", "nice", "nofile", "nproc"),
        *("rss", "rtprio", "rttime", "sigpending", "stack"),
    )
)


def size_of(text: str) -> int:
    """A number of bytes, with or without a unit of powers of 1024. ValueError carries Go's message."""
    try:
        return parse_int64(text)
    except ValueError:
        return _with_unit(text)


def _with_unit(text: str) -> int:
    end = max((at for at, character in enumerate(text) if character in "0123456789. "), default=-1)
    if end < 0:
        raise ValueError(f"invalid size: '{text}'")
    number, unit = text[: end + 1], text[end + 1 :]
    if text[end] == " ":
        number = text[:end]
    try:
        if not re.fullmatch(r"\+?(?:[0-9]+\.?[0-9]*|\.[0-9]+)", number, re.ASCII):
            raise ValueError(number)
        size = float(number)
    except ValueError:
        raise ValueError(f"invalid size: '{text}'") from None
    found = _UNIT.fullmatch(unit.lower())
    if unit and not found:
        raise ValueError(f"invalid suffix: '{unit.lower()}'")
    return int(size * _UNITS[found[1] or "b" if found else "b"])


def size_text(size: int) -> str:
    """A size in the largest unit it reaches, with four digits (units.BytesSize)."""
    amount, order = float(size), 0
    while amount >= 1024 and order < len(_NAMES) - 1:
        amount, order = amount / 1024, order + 1
    return f"{amount:.4g}{_NAMES[order]}"


def ulimit(name: str, soft: str, hard: str) -> str:
    """`NAME=SOFT:HARD`, checked. ValueError carries the message of units.ParseUlimit."""
    if name not in _ULIMITS:
        raise ValueError(f"invalid ulimit type: {name}")
    least, most = parse_int64(soft), parse_int64(hard)
    if most != -1 and (least == -1 or least > most):
        raise ValueError(f"ulimit soft limit must be less than or equal to hard limit: {least} > {most}")
    return f"{name}={least}:{most}"
