from __future__ import annotations

import pytest

from bake.syntax.spelling import distance, suggestion


@pytest.mark.parametrize(
    ("one", "other", "edits"),
    [
        ("", "", 0),
        ("a", "a", 0),
        ("a", "", 1),
        ("tags", "tag", 1),
        ("abc", "abd", 1),
        ("ab", "ba", 2),
        ("", "abc", 3),
        ("kitten", "sitting", 3),
    ],
)
def test_distance(one: str, other: str, edits: int) -> None:
    assert distance(one, other) == distance(other, one) == edits


def test_far_is_far_enough() -> None:
    assert distance("a", "abcdefgh") > 2


def test_the_first_near_word_is_suggested() -> None:
    assert suggestion("fi", ["if", "for"]) == ' Did you mean "if"?'
    assert suggestion("nothing", ["if", "for"]) == ""
