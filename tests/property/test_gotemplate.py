"""Templates of any text: a rendering or an error of the template's, and laws that hold for all values."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bake.errors import UsageError
from bake.ui.gotemplate import compact_json, indented_json, render

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
values: st.SearchStrategy[Any] = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**53), 2**53),
        st.floats(allow_nan=False, allow_infinity=False),
        texts,
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(texts, inner, max_size=3)),
    max_leaves=6,
)
pieces = st.sampled_from(
    [
        *(
            "{{",
            "}}",
            "{{-",
            "-}}",
            " ",
            "\n",
            ".",
            ".A",
            "$x",
            "$",
            ":=",
            "=",
            "|",
            "(",
            ")",
            ",",
            "3",
            "'a'",
        ),
        *(
            '"a"',
            '"',
            "`",
            "if",
            "else",
            "end",
            "range",
            "with",
            "json",
            "printf",
            "index",
            "len",
            "eq",
            "nil",
        ),
        *("{{if .A}}", "{{end}}", "{{range .A}}", "{{.A}}", "{{$x := .A}}", "{{break}}", "/*", "*/", "slice"),
    ]
)


@given(st.lists(st.one_of(pieces, texts), max_size=12).map("".join), values)
def test_any_text_is_rendered_or_refused(template: str, value: Any) -> None:
    with suppress(UsageError):
        assert isinstance(render(template, {"A": value}), str)


@given(texts.filter(lambda text: "{{" not in text))
def test_text_without_actions_is_itself(text: str) -> None:
    assert render(text, {}) == text


@given(values)
def test_json_says_the_value(value: Any) -> None:
    assert json.loads(render("{{json .A}}", {"A": value})) == value
    assert json.loads(indented_json(value)) == value
    assert json.loads(compact_json(value)) == value


@given(st.text(" \t\nab", max_size=8), st.text(" \t\nab", max_size=8))
def test_markers_trim_what_stands_beside_them(before: str, after: str) -> None:
    assert render(before + "{{- 1 -}}" + after, {}) == before.rstrip() + "1" + after.lstrip()


@given(st.lists(texts, max_size=4))
def test_a_loop_sees_every_element_once_in_order(found: list[str]) -> None:
    assert render("{{range .A}}[{{.}}]{{end}}", {"A": found}) == "".join(f"[{one}]" for one in found)
    assert render("{{range $i, $v := .A}}{{$i}},{{end}}", {"A": found}) == "".join(
        f"{at}," for at in range(len(found))
    )


@given(texts)
def test_a_quoted_string_is_read_back(text: str) -> None:
    """printf's %q writes a Go literal, and the parser reads it."""
    quoted = render('{{printf "%q" .A}}', {"A": text})
    assert render("{{" + quoted + "}}", {}) == text


@given(st.integers(-(10**9), 10**9), st.integers(-(10**9), 10**9))
def test_comparisons_agree_with_arithmetic(one: int, other: int) -> None:
    expected = f"{one < other} {one > other} {one == other}".lower()
    assert render("{{lt .A .B}} {{gt .A .B}} {{eq .A .B}}", {"A": one, "B": other}) == expected


@given(values)
def test_a_condition_and_its_negation_differ(value: Any) -> None:
    data = {"A": value}
    assert render("{{if .A}}1{{else}}0{{end}}", data) != render("{{if not .A}}1{{else}}0{{end}}", data)
