"""Sizes and limits as Docker writes them (docker/go-units, as buildx 0.36.1 uses it)."""

from __future__ import annotations

from bake.goscalars import parse_int64
from bake.quantities import ULIMITS, parse_size


def size_of(text: str) -> int:
    """A number of bytes, with or without a unit of powers of 1024. ValueError carries Go's message."""
    try:
        return parse_int64(text)
    except ValueError:
        return parse_size(text)


def ulimit(name: str, soft: str, hard: str) -> str:
    """`NAME=SOFT:HARD`, checked. ValueError carries the message of units.ParseUlimit."""
    if name not in ULIMITS:
        raise ValueError(f"invalid ulimit type: {name}")
    least, most = parse_int64(soft), parse_int64(hard)
    if most != -1 and (least == -1 or least > most):
        raise ValueError(f"ulimit soft limit must be less than or equal to hard limit: {least} > {most}")
    return f"{name}={least}:{most}"
