from __future__ import annotations

import pytest

from bake.syntax.spelling import distance, suggestion


@pytest.mark.parametrize(
    ("one", "other", "edits"), [("", "abc", 3), ("kitten", "sitting", 3), ("ab", "ba", 2), ("a", "a", 0)]
)
def test_distance(one: str, other: str, edits: int) -> None:
    assert distance(one, other) == distance(other, one) == edits


def test_the_first_near_word_is_suggested() -> None:
    assert suggestion("fi", ["if", "for"]) == ' Did you mean "if"?'
    assert suggestion("nothing", ["if", "for"]) == ""
