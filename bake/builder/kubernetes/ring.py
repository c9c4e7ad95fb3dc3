"""Which pod a folder's builds go to: the same one for as long as it is there, to meet the same cache.

A consistent hash: each pod has one place on a ring, a key goes to the next place after its own. Places and
order are those of buildx 0.36.1 (serialx/hashring with its defaults: MD5, read as two signed little-endian
words), so both tools choose the same pod.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def chosen(key: str, names: Sequence[str]) -> str:
    """The one of `names`, which are not empty, that `key` goes to."""
    place = _place(key)
    ring = sorted((_place(f"{name}-0"), name) for name in names)
    return next((name for other, name in ring if place < other), ring[0][1])


def _place(text: str) -> tuple[int, int]:
    from hashlib import md5

    digest = md5(text.encode(), usedforsecurity=False).digest()
    words = (digest[:8], digest[8:])
    high, low = (int.from_bytes(word, "little", signed=True) for word in words)
    return high, low
