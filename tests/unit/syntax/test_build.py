from __future__ import annotations

import pytest

from bake.syntax import parse
from tests.unit.syntax.shapes import expression, faults, shape, source


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2 * 3 - 4", "((1 + (2 * 3)) - 4)"),
        ("a || b && c == d", "(a || (b && (c == d)))"),
        ("1 < 2 == true", "((1 < 2) == True)"),
        ("- -1 + !!x", "(--1 + !!x)"),
        ("-a.b[0]", "-a.b[0]"),
        ("a ? b : c ? d : e", "(a ? b : (c ? d : e))"),
        ("(1)", "p1"),
        ("[1, null, true,]", "[1 None True]"),
        ('{a = 1, "b": 2\n(c) = 3\n\n true = 4}', "{'a'=1 T('b')=2 !pc=3 'true'=4}"),
        ("{}", "{}"),
        ("f()", "f()"),
        ("f(a, [b]...)", "f(a [b]...)"),
        ("a :: b(1,)", "a::b(1)"),
        ("true(1)", "true(1)"),
        ("a.true.null", "a.true.null"),
        ('a["b"][0][x].c', "<<a.b[0]>[x]>.c".replace("a.b", "a[b]")),
        ("a.0.b", "a[0].b"),
        ("f(x).y", "<f(x)>.y"),
        ("o[*]", "splat(o, @)"),
        ("o[*].a[*].b", "splat(o, splat(<@>.a, <@>.b))"),
        ("o[*].a[b].c", "splat(o, <<<@>.a>[b]>.c)"),
        ("o.*.n[0]", "<splat(o, <@>.n)>[0]"),
        ("o.*.n.0", "splat(o, <@>.n[0])"),
        ("o[*].a.*.b[0]", "splat(o, <splat(<@>.a, <@>.b)>[0])"),
        ("(o[*]).a", "<psplat(o, @)>.a"),
        ("[for v in l : v if v != null]", "for(v in l: v if (v != None))"),
        ("{for k, v in m : k => v...}", "for(k,v in m: k => v...)"),
        ("[for for in in : if if if]", "for(for in in: if if if)"),
        ("[\n for x\n in y\n :\n x\n]", "for(x in y: x)"),
        ("(a\n + b\n [0])", "p(a + b[0])"),
        ("f(\n1,\n2\n)", "f(1 2)"),
    ],
)
def test_expressions(text: str, expected: str) -> None:
    assert expression(text) == expected


def test_spans_of_a_step_and_a_splat() -> None:
    text = "x = o.*.a [ 0 ]\n"
    value = parse(source(text)).body.attributes["x"].value
    assert value.span.text == "o.*.a [ 0 ]"
    assert value.base.span.text == "o.*.a"  # type: ignore[union-attr]
    assert value.base.marker.text == ".*"  # type: ignore[union-attr]


def test_structure() -> None:
    text = 'a = 1\nblock "l" m {\n  b = 2\n  inner { c = 3 }\n  empty {}\n}\n'
    body = parse(source(text)).body
    block = body.blocks[0]
    assert list(body.attributes) == ["a"]
    assert [label.text for label in block.labels] == ["l", "m"]
    assert block.header.text == 'block "l" m'
    assert block.span.text == text[6:-1]
    assert [inner.type.text for inner in block.body.blocks] == ["inner", "empty"]
    assert shape(block.body.blocks[0].body.attributes["c"].value) == "3"
    assert list(block.body.of_type("empty")) == [block.body.blocks[1]]


def test_keywords_are_names_where_hcl_has_names() -> None:
    body = parse(source('for = 1\nif = in\nnull "x" {\n true = false\n}\n')).body
    assert {name: shape(one.value) for name, one in body.attributes.items()} == {"for": "1", "if": "in"}
    assert body.blocks[0].type.text == "null"
    assert list(body.blocks[0].body.attributes) == ["true"]


def test_names_may_be_of_any_script() -> None:
    body = parse(source("größe = 名前\n")).body
    assert shape(body.attributes["größe"].value) == "名前"


@pytest.mark.parametrize(
    "text", ["a = 1", "a = 1\r\n", "\ufeffa = 1\n", "/* c */ a /* c */ = /*\n*/ 1 // c", "\n\na = 1\n\n"]
)
def test_line_ends_and_comments_do_not_matter(text: str) -> None:
    assert faults(text) == []
    assert shape(parse(source(text)).body.attributes["a"].value) == "1"


def test_comments_are_kept_in_order() -> None:
    text = "# one\na = 1 // two\r\nb = [ /* three */\n  # four\n]\n"
    comments = parse(source(text)).comments
    assert [comment.text for comment in comments] == ["# one", "// two", "/* three */", "# four"]
    assert all(comment.span.text == comment.text for comment in comments)


def test_numbers_keep_their_digits() -> None:
    assert expression("123456789012345678901234567890.10e+2") == "123456789012345678901234567890.10e+2"
