from __future__ import annotations

import pytest

from bake.errors import BakeError
from bake.evaluate.wording import did_you_mean, distance, first_of, nearest


@pytest.mark.parametrize(
    ("one", "other", "wanted"),
    [
        ("", "", 0),
        ("a", "", 1),
        ("tags", "tag", 1),
        ("ab", "ba", 2),
        ("abc", "abd", 1),
        ("kitten", "sitting", 3),
    ],
)
def test_distances(one: str, other: str, wanted: int) -> None:
    assert distance(one, other) == distance(other, one) == wanted


def test_far_is_far_enough() -> None:
    assert distance("a", "abcdefgh") > 2


def test_the_nearest_of_several() -> None:
    assert nearest("contxt", ["context", "contexts"]) == "context"
    assert nearest("ab", ["ac", "ad"]) == "ac"
    assert nearest("abc", ["xyz"]) is None
    assert did_you_mean("abc", []) is None
    assert did_you_mean("a", ["b"]) == 'Did you mean "b"?'


def test_several_faults_in_one_line() -> None:
    fault = BakeError("s", detail="d")
    assert first_of([fault]) == "s; d"
    assert first_of([fault, fault, fault]) == "s; d, and 2 other diagnostic(s)"
