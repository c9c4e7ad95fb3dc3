"""Every form of a variable, what it nests, and what is refused."""

from __future__ import annotations

import pytest

from bake.model.compose.interpolate import MAX_DEPTH, SubstitutionError, TemplateError, substitute

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
