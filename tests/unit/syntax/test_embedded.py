from __future__ import annotations

import pytest

from bake.errors import DefinitionError
from bake.source import Span
from bake.syntax.embedded import parse_expression
from tests.unit.syntax.shapes import shape, source


def test_an_expression_in_a_string_has_its_place_in_it() -> None:
    outer = source('{"type": "list(string)"}', "json")
    tree = parse_expression("list(string)", Span(outer, 9, 23))
    assert shape(tree) == "list(string)"
    assert tree.args[0].span.text == "string"  # type: ignore[union-attr]


def test_an_expression_behind_escapes_has_the_place_of_its_string() -> None:
    outer = source('{"type": "\\u0061"}', "json")
    assert parse_expression("a", Span(outer, 9, 17)).span.text == '"\\u0061"'


@pytest.mark.parametrize(("text", "column"), [("a b", 11), ("", 9 + 2), ("f(", 10)])
def test_faults_stand_in_the_outer_text(text: str, column: int) -> None:
    outer = source(f'{{"type": "{text}"}}', "json")
    with pytest.raises(DefinitionError) as caught:
        parse_expression(text, Span(outer, 9, 11 + len(text)))
    assert caught.value.span is not None
    assert caught.value.span.source is outer
    assert caught.value.span.column >= column
