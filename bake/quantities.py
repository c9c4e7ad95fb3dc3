"""Sizes as docker's users write them (go-units, 0.5): `512m`, `1.5GB`, `64 KiB`, all in powers of 1024."""

from __future__ import annotations

import re

_SIZE = re.compile(r"(\d+\.?\d*|\.\d+) ?(?:([kmgtp])(?:i?b)?|b)?", re.ASCII | re.IGNORECASE)
_POWERS = "kmgtp"


def parse_size(text: str) -> int:
    """Bytes. Raises ValueError, in docker's words."""
    found = _SIZE.fullmatch(text)
    if found is None:
        raise ValueError(f"invalid size: '{text}'")
    unit = found[2]
    return int(float(found[1]) * 1024 ** (_POWERS.index(unit.lower()) + 1 if unit else 0))
