from __future__ import annotations

from typing import Any

import pytest

from bake.evaluate.jsonvalue import JSONValueError, from_json
from bake.evaluate.types import BOOL, DYNAMIC, NUMBER, STRING, List, Map, Object, Set, Tuple, Type
from bake.evaluate.values import NULL, TRUE, Value, list_of, object_of, string, tuple_of
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
        ("\t1 2", NUMBER, 1),
        ("01", NUMBER, 0),
        ("nullx", NUMBER, None),
        ('["a"] x', List(STRING), ["a"]),
    ],
)
def test_values(text: str, wanted: Type, found: Any) -> None:
    assert plain(from_json(text, wanted)) == found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"type": "string", "value": "a"}', string("a")),
        ('{"value": ["a"], "type": ["list", "string"]}', list_of(STRING, [string("a")])),
        ('{"type": ["tuple", ["bool"]], "value": [true]}', tuple_of([TRUE])),
        ('{"type": ["object", {"a": "string"}], "value": {"a": "x"}}', object_of({"a": string("x")})),
        ("null", NULL),
    ],
)
def test_an_open_type_is_named_by_the_text(text: str, expected: Value) -> None:
    assert from_json(text, DYNAMIC) == expected


def test_elements_of_an_open_type_agree() -> None:
    one = '{"type": "string", "value": "a"}'
    assert from_json(f"[{one}, {one}]", List(DYNAMIC)) == list_of(STRING, [string("a"), string("a")])
    with pytest.raises(JSONValueError, match="all elements must have the same type"):
        from_json(f'[{one}, {{"type": "bool", "value": true}}]', List(DYNAMIC))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"type": "string"}', "missing value in dynamically-typed value"),
        ('{"value": 1}', "missing type in dynamically-typed value"),
        ('{"typ": 1}', 'invalid key "typ" in dynamically-typed value'),
        ('{"type": "x", "value": 1}', 'invalid primitive type name "x"'),
        ('{"type": 5, "value": 1}', "invalid type description"),
        ('{"type": ["list"], "value": 1}', "unexpected extra data in type description"),
        ('{"type": ["odd", 1], "value": 1}', "invalid complex type kind name"),
        ('{"type": {}, "value": 1}', "invalid complex type description"),
    ],
)
def test_faults_of_open_types(text: str, message: str) -> None:
    with pytest.raises(JSONValueError) as told:
        from_json(text, DYNAMIC)
    assert str(told.value).endswith(message)


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
        ("{", STRING, "EOF"),
        ("1.x", NUMBER, "invalid character 'x' after decimal point in numeric literal"),
        ("1e", NUMBER, "unexpected EOF"),
        ("NaN", NUMBER, "invalid value NaN"),
        ("[" * 100_000, List(STRING), "nested too deeply"),
    ],
)
def test_faults(text: str, wanted: Type, message: str) -> None:
    with pytest.raises(JSONValueError) as told:
        from_json(text, wanted)
    assert str(told.value) == message
