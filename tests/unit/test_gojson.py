"""JSON as Go writes it."""

from __future__ import annotations

from typing import Any

import pytest

from bake import gojson


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        (False, "false"),
        (50000, "50000"),
        ("", '""'),
        ({}, "{}"),
        ([], "[]"),
        ((), "[]"),
        ("<a> & b", '"\\u003ca\\u003e \\u0026 b"'),
        ("\u2028\u2029", '"\\u2028\\u2029"'),
        ('tab\t quote" back\\ \x01 é 🦀', '"tab\\t quote\\" back\\\\ \\u0001 é 🦀"'),
        ({"<": 1}, '{\n  "\\u003c": 1\n}'),
        ([{"b": [1], "a": {}}, []], '[\n  {\n    "b": [\n      1\n    ],\n    "a": {}\n  },\n  []\n]'),
    ],
)
def test_indented(value: Any, text: str) -> None:
    assert gojson.indented(value) == text


def test_compact() -> None:
    assert gojson.compact({"b": ["<é>", 1], "a": None}) == '{"b":["\\u003cé\\u003e",1],"a":null}'


def test_what_is_nothing_is_left_out() -> None:
    found = gojson.nonempty({"a": 0, "b": "", "c": [1]}, d=None, e={}, f=False, g=0.5)
    assert found == {"c": [1], "g": 0.5}
