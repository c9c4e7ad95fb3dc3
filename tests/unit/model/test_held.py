"""The rules that put values together and tidy them (Target.Merge and Target.normalize of buildx)."""

from __future__ import annotations

from typing import Any

import pytest

from bake.model.entries import CacheEntry
from bake.model.held import (
    Held,
    append,
    appended,
    distinct_entries,
    distinct_text,
    last_by,
    limit_by_limit,
    replace,
    replace_unless_empty,
    union,
    without_empty,
)
from bake.model.origins import Mark
from bake.model.resources import Resources
from bake.model.secrets import Secret
from bake.source import Cause, Origin


def marked(*values: Any) -> Held:
    """A list of values, each with a mark that tells its number."""
    return Held(values, tuple(Mark(Origin(Cause.BLOCK, detail=str(index))) for index in range(len(values))))


def numbers(held: Held) -> list[str]:
    return [mark.origin().detail for mark in held.marks]


def cache(*references: str) -> list[CacheEntry]:
    return [CacheEntry.parse(reference) for reference in references]


@pytest.mark.parametrize(
    ("before", "after", "kept"),
    [
        ("", "", ""),
        ("abc", "abc", "012"),
        ("aba", "ab", "01"),
        # the last of all takes the place of the duplicate
        ("abacd", "abdc", "0143"),
        ("aab", "ab", "02"),
        ("aaa", "a", "0"),
        ("abcab", "abc", "012"),
    ],
)
def test_each_entry_once_in_the_references_order(before: str, after: str, kept: str) -> None:
    tidy = distinct_entries(marked(*cache(*before)))
    assert [str(entry) for entry in tidy.value] == list(after)
    assert numbers(tidy) == list(kept)


def test_each_text_once_and_none_empty() -> None:
    tidy = distinct_text(marked("a", "", "b", "a"))
    assert tidy.value == ("a", "b")
    assert numbers(tidy) == ["0", "2"]


def test_the_last_of_an_id_in_the_place_of_the_first() -> None:
    tidy = last_by("id")(marked(Secret(id="a", env="1"), Secret(id="b"), Secret(id="a", env="2")))
    assert [(secret.id, secret.env) for secret in tidy.value] == [("a", "2"), ("b", "")]
    assert numbers(tidy) == ["2", "1"]


def test_what_needs_no_tidying_stays_the_same_object() -> None:
    for tidy, held in (
        (distinct_text, marked("a", "b")),
        (distinct_entries, marked(*cache("a", "b"))),
        (last_by("id"), marked(Secret(id="a"))),
        (without_empty, Held({"a": "x"}, {"a": Mark(None)})),
    ):
        assert tidy(held) is held


def test_an_empty_context_is_removed() -> None:
    tidy = without_empty(Held({"a": "", "b": "x"}, {"a": Mark(None), "b": Mark(None)}))
    assert tidy.value == {"b": "x"}
    assert tidy.marks.keys() == {"b"}


def test_merging_rules() -> None:
    one, two, none = marked("a"), marked("b"), marked()
    assert replace(one, none) is none
    assert replace_unless_empty(one, none) is one
    assert replace_unless_empty(one, two) is two
    assert append(one, two).value == ("a", "b")
    assert appended(distinct_text)(one, one).value == ("a",)
    assert union(Held({"a": 1, "b": 1}, {}), Held({"b": 2}, {})).value == {"a": 1, "b": 2}
    limits = limit_by_limit(Held(Resources(memory="1"), {}), Held(Resources(cpu_quota=2), {}))
    assert limits.value == Resources(memory="1", cpu_quota=2)
