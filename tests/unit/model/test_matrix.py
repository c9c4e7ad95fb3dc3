"""A matrix multiplies a target: names, values, groups, and what is refused (buildx 0.36.1, hclparser)."""

from __future__ import annotations

import pytest

from bake.errors import BakeError, flatten
from bake.host import Host
from bake.model.flags import Selection
from bake.model.selection import select
from tests.fakes.defining import defined


def members(matrix: str, name: str = "") -> dict[str, dict[str, str]]:
    """The arguments of each member of `t` under `matrix`."""
    named = f"name = {name}" if name else ""
    text = f'target "t" {{\n{named}\nmatrix = {matrix}\nargs = {{ V = jsonencode(v) }}\n}}\n'
    selected = select(defined(text), Selection(("t",)), Host())
    return {key: dict(target.args) for key, target in selected.targets.items()}


@pytest.mark.parametrize(
    ("matrix", "name", "wanted"),
    [
        ('{ v = ["a", "b"] }', '"t-${v}"', {"t-a": '"a"', "t-b": '"b"'}),
        ("{ v = [1, 2] }", '"t${v}"', {"t1": "1", "t2": "2"}),
        ("{ v = [true] }", '"t-${v}"', {"t-true": "true"}),
        ('{ v = ["only"] }', "", {"t": '"only"'}),
        ('{ v = [{ n = "x" }, { n = "y" }] }', "v.n", {"x": '{"n":"x"}', "y": '{"n":"y"}'}),
        ('{ v = [["p", 1]] }', '"t-${v[0]}"', {"t-p": '["p",1]'}),
        ('{ v = ["1.2"] }', 'replace("t-${v}", ".", "-")', {"t-1-2": '"1.2"'}),
    ],
)
def test_members(matrix: str, name: str, wanted: dict[str, str]) -> None:
    assert {key: args["V"] for key, args in members(matrix, name).items()} == wanted


def test_axes_multiply_in_the_order_written() -> None:
    text = """
    target "t" {
      name = "t-${a}-${b}"
      matrix = {
        a = ["1", "2"]
        b = ["x", "y"]
      }
    }
    """
    assert defined(text).groups["t"].targets == ("t-1-x", "t-1-y", "t-2-x", "t-2-y")


def test_the_label_becomes_a_group_unless_it_names_the_one_member() -> None:
    assert "t" in defined('target "t" {\n name = "t-${v}"\n matrix = { v = ["a"] }\n}').groups
    assert defined('target "t" {\n matrix = { v = ["a"] }\n}').groups == {}


@pytest.mark.parametrize(
    ("matrix", "name", "part"),
    [
        ('{ v = ["a", "b"] }', "", "name"),
        ('{ v = "a" }', '"t"', "list"),
        ('{ v = ["a.b"] }', '"t-${v}"', "[a-zA-Z0-9_-]+"),
        ('{ v = ["a", "b"] }', '"same"', "same"),
        ('["a"]', '"t"', "map"),
    ],
)
def test_what_is_no_matrix_is_refused_with_its_place(matrix: str, name: str, part: str) -> None:
    with pytest.raises((BakeError, ExceptionGroup)) as caught:
        members(matrix, name)
    faults = flatten(caught.value)
    assert all(fault.span is not None for fault in faults)
    assert part in " ".join(map(str, faults))
