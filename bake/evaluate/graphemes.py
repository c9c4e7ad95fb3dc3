"""Grapheme clusters: what a person takes for one character, and what the language counts."""

from __future__ import annotations

from itertools import pairwise
from typing import Final
from unicodedata import category

ZWJ: Final = "\u200d"


def clusters(text: str) -> list[str]:
    """The grapheme clusters of `text`, in order."""
    if text.isascii() and "\r" not in text:
        return list(text)
    import regex  # only unusual text pays for it

    found: list[str] = regex.findall(r"\X", text)
    return [part for cluster in found for part in _without_conjuncts(cluster)]


def _without_conjuncts(cluster: str) -> list[str]:
    # Unicode 15.1 keeps Indic conjuncts together (rule GB9c); the language counts as 15.0 did
    cuts = [
        place
        for place in range(2, len(cluster))
        if category(cluster[place]) == "Lo"
        and (category(cluster[place - 1]) == "Mn" or cluster[place - 1] == ZWJ)
    ]
    return [cluster[start:end] for start, end in pairwise([0, *cuts, len(cluster)])]
