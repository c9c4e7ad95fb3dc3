from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bake.evaluate.positions import item_span, start_span
from bake.source import Source
from bake.syntax import parse
from tests.fakes.evaluating import LEAD, expression

if TYPE_CHECKING:
    from bake.syntax.tree import Attribute


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ('"ab${c}"', "ab"),
        ('"${c}d"', "c"),
        ('"${c}"', '"${c}"'),
        ('""', ""),
        ("12", "12"),
        ("a.b[0]", "a.b[0]"),
        ("(f(a)).b", "(f(a)).b"),
        ("f(a, b)", "f("),
        ("f (a)", "f ("),
        ("[1, 2]", "["),
        ("{ a = 1 }", "{"),
        ("[for v in a : v]", "["),
        ("-a", "-"),
        ("a + b", "a"),
        ("(a + b)", "a"),
        ("a ? b : c", "a"),
        ("f(a)[b]", "["),
        ("a[*].b", "[*]"),
        ('"%{ for v in a }b%{ endfor }"', "%{ for v in a }"),
    ],
)
def test_where_an_expression_starts(text: str, start: str) -> None:
    assert start_span(expression(text)).text == start


def attribute(text: str) -> Attribute:
    return parse(Source("f.hcl", f"{LEAD}{text}", "hcl")).body.attributes["x"]


@pytest.mark.parametrize(
    ("text", "path", "wanted"),
    [
        ('["a", "b"]', (1,), '"b"'),
        ('["a"]', (3,), '["a"]'),
        ('{ a = 1, "b" = 2, a = 3 }', ("a",), "3"),
        ('{ a = 1, "b" = 2 }', ("b",), "2"),
        ("{ a = [f(1), 2] }", ("a", 0), "f(1)"),
        ("{ a = f(1) }", ("a", 0), "f(1)"),
        ("f(1)", ("a",), "f(1)"),
        ("([1])", (0,), "1"),
        ("{ (k) = 1 }", ("k",), "{ (k) = 1 }"),
        ("[1]", (), "[1]"),
    ],
)
def test_the_place_of_an_element(text: str, path: tuple[str | int, ...], wanted: str) -> None:
    assert item_span(attribute(text), path).text == wanted
