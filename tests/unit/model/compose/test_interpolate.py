"""Every form of a variable, what it nests, and what is refused."""

from __future__ import annotations

import pytest

from bake.errors import DefinitionError
from bake.model.compose.interpolate import (
    MAX_DEPTH,
    MAX_VALUES,
    Interpolation,
    Metered,
    SubstitutionError,
    TemplateError,
    ValuesError,
    substitute,
)
from bake.model.compose.nodes import Node
from bake.source import Source, Span

NOTHING: dict[str, str] = {}
VARIABLES = {"A": "aa", "B": "bb", "EMPTY": "", "a": "lower", "_X": "under"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("$A", "aa"),
        ("x${A}y", "xaay"),
        ("$A$B", "aabb"),
        ("$A-1", "aa-1"),
        ("$_X", "under"),
        ("${a}", "lower"),
        ("$MISSING.", "."),
        ("$$A", "$A"),
        ("$$$A", "$aa"),
        ("${X:-d}", "d"),
        ("${X-d}", "d"),
        ("${EMPTY:-d}", "d"),
        ("${EMPTY-d}", ""),
        ("${A:-d}", "aa"),
        ("${A:+p}", "p"),
        ("${A+p}", "p"),
        ("${X:+p}", ""),
        ("${X+p}", ""),
        ("${EMPTY:+p}", ""),
        ("${EMPTY+p}", "p"),
        ("${A:?e}", "aa"),
        ("${EMPTY?e}", ""),
        ("${X:-${A}}", "aa"),
        ("${X:-${Y:-${B}}}", "bb"),
        ("${X:-$$A}", "$A"),
        ("${X:-a}b${A}c", "abaac"),
        ("${X:-a} ${Y:-b}", "a b"),
        ("${A:-b} $B }", "aa bb }"),
        ("${X:-{a}}", "{a}"),
        ("${X-y:-z}", "y:-z"),
        ("${A:-b:?c}", "aa"),
        ("${X+a}${A:+q}", "q"),
        ("${X:-}", ""),
        ("price: 5$$", "price: 5$"),
    ],
)
def test_substitute(text: str, expected: str) -> None:
    assert substitute(text, VARIABLES.get) == expected


@pytest.mark.parametrize(
    "text", ["${}", "${A", "${A:}", "${A!x}", "${1}", "${A}${", "${X:-${}}", "${X:-a\nb}"]
)
def test_no_templates(text: str) -> None:
    with pytest.raises(TemplateError):
        substitute(text, VARIABLES.get)


@pytest.mark.parametrize("text", ["$1", "$", "a $ b", "$-", "5$"])
def test_a_dollar_that_begins_no_name_is_text(text: str) -> None:
    assert substitute(text, VARIABLES.get) == text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("${X?}", "required variable X is missing a value"),
        ("${X:?m}", "required variable X is missing a value: m"),
        ("${EMPTY:?m}", "required variable EMPTY is missing a value: m"),
        ("${X?need ${A}}", "required variable X is missing a value: need aa"),
    ],
)
def test_required_variables(text: str, message: str) -> None:
    with pytest.raises(SubstitutionError) as raised:
        substitute(text, VARIABLES.get)
    assert str(raised.value) == message


def test_defaults_nest_so_deep_and_no_deeper() -> None:
    def nested(depth: int) -> str:
        return "${X:-" * depth + "end" + "}" * depth

    assert substitute(nested(MAX_DEPTH), NOTHING.get) == "end"
    with pytest.raises(SubstitutionError, match="nest"):
        substitute(nested(MAX_DEPTH + 1), NOTHING.get)


def test_many_variables_in_a_row() -> None:
    assert substitute("${X:-x}" * 1000, NOTHING.get) == "x" * 1000
    assert substitute("${X:-x}\n" * 20_000, NOTHING.get) == "x\n" * 20_000
    with pytest.raises(SubstitutionError, match="a line has too many variables"):
        substitute("${X:-x}" * 20_000, NOTHING.get)


def test_values_have_so_many_characters_and_no_more() -> None:
    lookup = Metered({"A": "a" * (MAX_VALUES // 4)}.get)
    assert len(substitute("$A" * 4, lookup)) == MAX_VALUES
    assert substitute("$NONE", lookup) == ""
    with pytest.raises(ValuesError):
        substitute("$A", lookup)


def test_a_document_whose_values_are_too_long_is_told_once() -> None:
    place = Span(Source("compose.yaml", "x", "compose"), 0, 1)
    values = [Node("$A$A$A", place), Node("$A", place)]
    whole = Node({"x": Node(values, place)}, place)
    with pytest.raises(DefinitionError, match=r"interpolating x\.\[]: the values of variables have"):
        Interpolation({"A": "a" * (MAX_VALUES // 2)}).document(whole)
