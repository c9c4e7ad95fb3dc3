"""The nearest of some words, as HCL's messages suggest it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


NEAR = 2
"""How many edits apart two words may be to be taken for each other (HCL's nameSuggestion)."""


def suggestion(given: str, known: Iterable[str]) -> str:
    """` Did you mean "…"?` with the first of `known` that is near, else nothing."""
    near = next((word for word in known if distance(given, word) <= NEAR), None)
    return "" if near is None else f' Did you mean "{near}"?'


def distance(one: str, other: str) -> int:
    """Levenshtein's: insertions, deletions and replacements from `one` to `other`.

    NEAR + 1 stands for everything that is certainly farther.
    """
    if abs(len(one) - len(other)) > NEAR:
        return NEAR + 1
    row = list(range(len(other) + 1))
    for index, character in enumerate(one, 1):
        diagonal, row[0] = row[0], index
        for column, letter in enumerate(other, 1):
            cost = diagonal + (character != letter)
            diagonal, row[column] = row[column], min(row[column] + 1, row[column - 1] + 1, cost)
    return row[-1]
