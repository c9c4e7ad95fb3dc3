"""Inheriting: parents in order, ancestors again, circles passed over as the reference does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bake.errors import DefinitionError
from bake.host import Host
from bake.model.flags import Selection
from bake.model.selection import select
from tests.fakes.defining import defined

if TYPE_CHECKING:
    from bake.model.target import Definition

CIRCLE = """
target "a" {
  inherits = ["b"]
  args = { A = "a", X = "a" }
}
target "b" {
  inherits = ["a"]
  args = { B = "b", X = "b" }
}
target "c" {
  inherits = ["b"]
}
"""


def args(definition: Definition, name: str) -> dict[str, str]:
    return dict(select(definition, Selection((name,)), Host()).targets[name].args)


def test_parents_count_in_order_and_the_heir_most() -> None:
    text = """
    target "base" { args = { A = "base", B = "base", C = "base" } }
    target "one" {
      inherits = ["base"]
      args = { A = "one" }
    }
    target "two" {
      inherits = ["base"]
      args = { B = "two" }
    }
    target "heir" {
      inherits = ["one", "two"]
      args = { C = "heir" }
    }
    """
    # `base` is applied again by `two`, over what `one` had set
    assert args(defined(text), "heir") == {"A": "base", "B": "two", "C": "heir"}


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("a", {"A": "a", "B": "b", "X": "a"}),
        ("b", {"A": "a", "B": "b", "X": "b"}),
        ("c", {"A": "a", "B": "b", "X": "b"}),
    ],
)
def test_a_circle_is_cut_where_it_closes(name: str, wanted: dict[str, str]) -> None:
    assert args(defined(CIRCLE), name) == wanted


def test_what_one_target_found_in_a_circle_is_not_kept_for_another() -> None:
    both = select(defined(CIRCLE), Selection(("a", "b")), Host()).targets
    assert (both["a"].args["X"], both["b"].args["X"]) == ("a", "b")


def test_a_circle_is_warned_of_whole_and_once() -> None:
    (warning,) = select(defined(CIRCLE), Selection(("a", "b", "c")), Host()).warnings
    assert warning.detail == "`a` → `b` → `a`"
    assert str(warning.span) == "docker-bake.hcl:7,15-18"


def test_a_circle_is_an_error_when_warnings_are() -> None:
    with pytest.raises(DefinitionError, match="inherit from each other in a circle"):
        select(defined(CIRCLE), Selection(("c",), strict=True), Host())


def test_a_parent_that_is_not_there_is_placed() -> None:
    with pytest.raises(DefinitionError) as caught:
        select(defined('target "a" {\n  inherits = ["bb"]\n}\ntarget "b" {}\n'), Selection(("a",)), Host())
    assert str(caught.value) == "docker-bake.hcl:2,15-19: failed to find target bb"
    assert caught.value.hint == 'Did you mean "b"?'
