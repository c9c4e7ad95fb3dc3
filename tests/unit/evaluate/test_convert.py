from __future__ import annotations

import pytest

from bake.evaluate import number
from bake.evaluate.convert import ConversionError, convert, find, unify
from bake.evaluate.types import BOOL, DYNAMIC, NUMBER, STRING, List, Map, Object, Set, Tuple, Type
from bake.evaluate.values import (
    ANY_UNKNOWN,
    FALSE,
    NULL,
    TRUE,
    UNKNOWN,
    Value,
    list_of,
    map_of,
    null,
    object_of,
    set_of,
    string,
    tuple_of,
    unknown,
    whole,
)

A, ONE, TWO = string("a"), whole(1), whole(2)
OPTIONAL = Object({"a": STRING, "b": NUMBER}, frozenset({"b"}))


@pytest.mark.parametrize(
    ("value", "type_", "wanted"),
    [
        (ONE, STRING, string("1")),
        (TRUE, STRING, string("true")),
        (string("1"), BOOL, TRUE),
        (string("0"), BOOL, FALSE),
        (string("1.50"), NUMBER, Value(NUMBER, number.parse("1.5"))),
        (ONE, DYNAMIC, ONE),
        (tuple_of([ONE, A]), List(STRING), list_of(STRING, [string("1"), A])),
        (tuple_of([ONE, A]), List(DYNAMIC), list_of(STRING, [string("1"), A])),
        (tuple_of([TWO, ONE, TWO]), Set(NUMBER), set_of(NUMBER, [ONE, TWO])),
        (tuple_of([]), List(DYNAMIC), list_of(DYNAMIC, [])),
        (tuple_of([NULL, A]), List(DYNAMIC), list_of(STRING, [null(STRING), A])),
        (tuple_of([ONE]), Tuple((STRING,)), tuple_of([string("1")])),
        (set_of(STRING, [string("b"), A]), List(STRING), list_of(STRING, [A, string("b")])),
        (list_of(NUMBER, [ONE, ONE]), Set(STRING), set_of(STRING, [string("1")])),
        (list_of(STRING, []), Set(DYNAMIC), set_of(STRING, [])),
        (object_of({"a": ONE}), Map(STRING), map_of(STRING, {"a": string("1")})),
        (object_of({"a": ONE, "b": A}), Map(DYNAMIC), map_of(STRING, {"a": string("1"), "b": A})),
        (object_of({}), Map(STRING), map_of(STRING, {})),
        (map_of(NUMBER, {"a": ONE}), Map(STRING), map_of(STRING, {"a": string("1")})),
        (map_of(NUMBER, {}), Map(DYNAMIC), map_of(NUMBER, {})),
        (object_of({"a": A, "c": ONE}), Object({"a": STRING}), object_of({"a": A})),
        (object_of({"a": A}), OPTIONAL, object_of({"a": A, "b": null(NUMBER)})),
        (map_of(STRING, {"a": A}), OPTIONAL, object_of({"a": A, "b": null(NUMBER)})),
        (NULL, List(STRING), null(List(STRING))),
        (null(Tuple((NUMBER,))), List(DYNAMIC), null(List(NUMBER))),
        (null(Object({"a": NUMBER})), Map(DYNAMIC), null(Map(NUMBER))),
        (null(Map(NUMBER)), Object({"a": DYNAMIC}), null(Object({"a": NUMBER}))),
        (unknown(NUMBER), STRING, unknown(STRING)),
        (ANY_UNKNOWN, List(STRING), unknown(List(STRING))),
        (
            tuple_of([object_of({"a": ONE}), object_of({"a": A, "b": TWO})]),
            List(Map(STRING)),
            list_of(
                Map(STRING),
                [map_of(STRING, {"a": string("1")}), map_of(STRING, {"a": A, "b": string("2")})],
            ),
        ),
    ],
)
def test_conversion(value: Value, type_: Type, wanted: Value) -> None:
    assert convert(value, type_) == wanted


@pytest.mark.parametrize(
    ("value", "type_", "message"),
    [
        (A, NUMBER, "a number is required"),
        (A, BOOL, "a bool is required"),
        (string("TRUE"), BOOL, 'a bool is required; to convert from string, use lowercase "true"'),
        (TRUE, NUMBER, "number required, but have bool"),
        (ONE, BOOL, "bool required, but have number"),
        (tuple_of([]), STRING, "string required, but have tuple"),
        (A, List(STRING), "list of string required, but have string"),
        (A, List(DYNAMIC), "list of dynamic required, but have string"),
        (object_of({}), List(STRING), "list of string required"),
        (tuple_of([]), Map(STRING), "map of string required"),
        (map_of(STRING, {}), List(STRING), "list of string required"),
        (list_of(STRING, []), Map(STRING), "map of string required"),
        (tuple_of([ONE, tuple_of([])]), List(STRING), "element 1: string required, but have tuple"),
        (object_of({"k": tuple_of([])}), Map(STRING), 'element "k": string required, but have tuple'),
        (tuple_of([ONE, tuple_of([])]), List(DYNAMIC), "all list elements must have the same type"),
        (tuple_of([ONE, tuple_of([])]), Set(DYNAMIC), "all set elements must have the same type"),
        (object_of({"a": ONE, "b": tuple_of([])}), Map(DYNAMIC), "all map elements must have the same type"),
        (
            list_of(Set(BOOL), []),
            List(STRING),
            "incorrect list element type: string required, but have set of bool",
        ),
        (object_of({}), Object({"a": STRING}), 'attribute "a" is required'),
        (object_of({}), Object({"a": STRING, "b": STRING}), 'attributes "a" and "b" are required'),
        (
            object_of({}),
            Object({"a": STRING, "b": STRING, "c": STRING}),
            'attributes "a", "b", and "c" are required',
        ),
        (
            object_of({"a": tuple_of([])}),
            Object({"a": STRING}),
            'attribute "a": string required, but have tuple',
        ),
        (map_of(STRING, {}), Object({"a": STRING}), 'map has no element for required attribute "a"'),
        (tuple_of([ONE]), Tuple((NUMBER, NUMBER)), "tuple required"),
        (tuple_of([]), Object({}), "object required, but have tuple"),
    ],
)
def test_what_cannot_be_converted(value: Value, type_: Type, message: str) -> None:
    with pytest.raises(ConversionError) as caught:
        convert(value, type_)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("given", "wanted"),
    [(STRING, NUMBER), (List(STRING), Set(STRING)), (Map(STRING), Object({"a": STRING})), (DYNAMIC, STRING)],
)
def test_conversions_that_depend_on_the_value_are_not_safe(given: Type, wanted: Type) -> None:
    assert find(given, wanted, unsafe=True)
    assert not find(given, wanted, unsafe=False)


@pytest.mark.parametrize(
    ("types", "wanted"),
    [
        ([], None),
        ([NUMBER, STRING], STRING),
        ([BOOL, NUMBER], None),
        ([NUMBER, DYNAMIC], NUMBER),
        ([List(NUMBER), List(STRING)], List(STRING)),
        ([Set(NUMBER), List(STRING)], List(STRING)),
        ([List(NUMBER), Tuple((STRING,))], List(STRING)),
        ([Tuple((NUMBER,)), Tuple((STRING,))], Tuple((STRING,))),
        ([Tuple((NUMBER,)), Tuple((NUMBER, STRING))], List(STRING)),
        ([Tuple(()), Tuple((BOOL, STRING))], List(STRING)),
        ([Tuple((NUMBER,)), Object({})], None),
        ([Object({"a": NUMBER}), Object({"a": STRING})], Object({"a": STRING})),
        ([Object({"a": NUMBER}), Object({"b": STRING})], Map(STRING)),
        ([Object({"a": NUMBER}), Object({"b": List(STRING)})], None),
        ([Map(NUMBER), Object({"b": STRING})], Map(STRING)),
        ([Map(NUMBER), Map(STRING)], Map(STRING)),
        ([Tuple((NUMBER,)), DYNAMIC], DYNAMIC),
        ([STRING, List(STRING)], None),
    ],
)
def test_the_type_in_common(types: list[Type], wanted: Type | None) -> None:
    found = unify(types)
    assert (found.type if found else None) == wanted


def test_conversions_to_the_common_type() -> None:
    found = unify([Tuple((NUMBER,)), List(STRING)])
    assert found is not None
    assert found.conversions[0](tuple_of([ONE])) == list_of(STRING, [string("1")])
    assert found.conversions[1](list_of(STRING, [A])) == list_of(STRING, [A])


def test_a_null_among_collections_makes_them_unknown() -> None:
    found = unify([Tuple((NUMBER,)), DYNAMIC])
    assert found is not None
    assert found.conversions[0](tuple_of([ONE])).raw is UNKNOWN
