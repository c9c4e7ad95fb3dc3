from __future__ import annotations

import pytest

from bake.syntax import parse
from tests.unit.syntax.shapes import faults, shape, source, values


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1_000", "1000"),
        ("0x1F", "31"),
        ("0o17", "15"),
        ("0b11", "3"),
        ("+1.50", "1.50"),
        ("-6.26e-3", "-6.26e-3"),
        ("true", "True"),
        ("1979-05-27T07:32:00Z", "T('1979-05-27T07:32:00Z')"),
        ("1979-05-27 07:32:00.5", "T('1979-05-27 07:32:00.5')"),
        ("07:32:00", "T('07:32:00')"),
        ("inf", "T('inf')"),
        ('"a${b}"', "T('a' b)"),
        ("'a\\n${b}'", "T('a\\\\n' b)"),
        ('"\\t\\u00e9\\\\"', "T('\\té\\\\')"),
        ('"""\na \\\n   b"""', "T('a b')"),
        ('"""a"""""', "T('a\"\"')"),
        ("'''\na'''", "T('a')"),
        ("[1, [2, # c\n], ]", "[1 [2]]"),
        ("{a = 1, b.c = 'd'}", "{T('a')=1 T('b')={T('c')=T('d')}}"),
    ],
)
def test_values(text: str, expected: str) -> None:
    assert values(f"x = {text}\n", "toml") == {"x": expected}


def test_tables_are_blocks() -> None:
    text = """
title = "t"
[variable.TAG]
default = "v1"
[[variable.TAG.validation]]
condition = "${TAG != ''}"
[[variable.TAG.validation]]
condition = true
[target.app]
args.A = "1"
[target.app.labels]
"x.y" = "z"
[target."b c"]
"""
    body = parse(source(text.replace("''", r"\"\""), "toml")).body
    variable, app, other = body.blocks
    assert [block.labels[0].text for block in body.blocks] == ["TAG", "app", "b c"]
    assert [list(block.body.attributes) for block in variable.body.blocks] == [["condition"], ["condition"]]
    assert {name: shape(one.value) for name, one in app.body.attributes.items()} == {
        "args": "{T('A')=T('1')}",
        "labels": "{T('x.y')=T('z')}",
    }
    assert other.labels[0].span.text == '"b c"'
    assert shape(body.attributes["title"].value) == "T('t')"


def test_spans_go_through_escapes_and_continued_lines() -> None:
    text = 'x = """\n\\u0041 \\\n  ${b}\\n"""\n'
    value = parse(source(text, "toml")).body.attributes["x"].value
    assert shape(value) == "T('A ' b '\\n')"
    assert [part.span.text for part in value.parts] == ["\\u0041 \\\n  ", "b", "\\n"]  # type: ignore[union-attr]


def test_windows_line_ends() -> None:
    text = 'a = """x\r\ny${b}"""\r\nc = 1\r\n'
    assert values(text, "toml") == {"a": "T('x\\ny' b)", "c": "1"}


def test_comments_are_kept() -> None:
    comments = parse(source("# a\nx = [ # b\n]\n# c", "toml")).comments
    assert [comment.span.text for comment in comments] == ["# a", "# b", "# c"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a = ", "1,5-5 Invalid TOML"),
        ("a = 1\nb = @", "2,5-6 Invalid TOML"),
        ("[a]\n[a]", "2,3-4 Invalid TOML"),
        ("a = " + "9" * 5000, "1,1-1 Invalid TOML"),
        ("a = " + "[" * 10_000, "1,1-1 Nesting too deep"),
        ("a = " + "[" * 250 + "]" * 250, "1,205-206 Nesting too deep"),
        ("a" + ".a" * 10_000 + " = 1", "1,1-2 Nesting too deep"),
        ("[" + "'a' . " * 10_000 + "a]", "1,1-2 Nesting too deep"),
        ("x = 1\na = {b" + " . b" * 10_000 + " = 1}", "2,5-6 Nesting too deep"),
        ("[" + "a." * 150 + "a]\n" + "a." * 150 + "a = 1", "2,101-102 Nesting too deep"),
        ('a = "${"', "1,8-8 Missing expression"),
        ("x = 1\n[target]\na = 1", "3,5-6 Incorrect JSON value type"),
    ],
)
def test_faults(text: str, expected: str) -> None:
    assert faults(text, "toml") == [expected]
