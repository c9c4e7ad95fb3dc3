from __future__ import annotations

from typing import Any

import pytest

from bake.evaluate.jsonvalue import JSONValueError, from_json
from bake.evaluate.types import BOOL, DYNAMIC, NUMBER, STRING, List, Map, Object, Set, Tuple, Type
from tests.fakes.evaluating import plain


@pytest.mark.parametrize(
    ("text", "wanted", "found"),
    [
        ('"a"', STRING, "a"),
        ("1.50", STRING, "1.50"),
        ("true", STRING, "true"),
        ("1e2", NUMBER, 100),
        ('"7"', NUMBER, 7),
        ("true", BOOL, True),
        ('"false"', BOOL, False),
        ("null", List(STRING), None),
        ("[1, null]", List(NUMBER), [1, None]),
        ('["b", "a", "b"]', Set(STRING), ["a", "b"]),
        ('{"b": 1, "a": "2"}', Map(NUMBER), {"a": 2, "b": 1}),
        ('["a", 1]', Tuple((STRING, NUMBER)), ["a", 1]),
        ('{"a": "x"}', Object({"a": STRING, "b": NUMBER}), {"a": "x", "b": None}),
        ("{}", Object({"a": STRING}, frozenset({"a"})), {"a": None}),
    ],
)
def test_values(text: str, wanted: Type, found: Any) -> None:
    assert plain(from_json(text, wanted)) == found


@pytest.mark.parametrize(
    ("text", "wanted", "message"),
    [
        ("[]", STRING, "string is required"),
        ("true", NUMBER, "number is required"),
        ('"x"', NUMBER, "a number is required"),
        ("1", BOOL, "bool is required"),
        ('"x"', BOOL, "a bool is required"),
        ("{}", List(STRING), "missing expected ["),
        ("[]", Map(STRING), "missing expected {"),
        ("[1]", Tuple((NUMBER, NUMBER)), "not enough tuple elements (need 2)"),
        ("[1, 2]", Tuple((NUMBER,)), "too many tuple elements (need 1)"),
        ('{"x": 1}', Object({"a": STRING}), 'unsupported attribute "x"'),
        ('"a"', DYNAMIC, "missing expected {"),
        ("{", STRING, "Expecting property name enclosed in double quotes (character 2)"),
        ("NaN", NUMBER, "invalid value NaN"),
        ("[" * 100_000, List(STRING), "nested too deeply"),
    ],
)
def test_faults(text: str, wanted: Type, message: str) -> None:
    with pytest.raises(JSONValueError) as told:
        from_json(text, wanted)
    assert str(told.value) == message
