"""The nearest of some words, as HCL's messages suggest it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def suggestion(given: str, known: Iterable[str]) -> str:
    """` Did you mean "…"?` with the first of `known` less than three edits away, else nothing."""
    for word in known:
        if abs(len(word) - len(given)) < 3 and distance(given, word) < 3:
            return f' Did you mean "{word}"?'
    return ""


def distance(one: str, other: str) -> int:
    """Levenshtein's: insertions, deletions and replacements from `one` to `other`."""
    row = list(range(len(other) + 1))
    for index, character in enumerate(one, 1):
        diagonal, row[0] = row[0], index
        for column, letter in enumerate(other, 1):
            cost = diagonal + (character != letter)
            diagonal, row[column] = row[column], min(row[column] + 1, row[column - 1] + 1, cost)
    return row[-1]
