from __future__ import annotations

import pytest

from bake.evaluate.types import (
    BOOL,
    DYNAMIC,
    NUMBER,
    STRING,
    Capsule,
    List,
    Map,
    Object,
    Set,
    Tuple,
    Type,
    conforms,
    constraint_name,
    has_dynamic,
    name,
    without_optional,
)

OPTIONAL = Object({"a": STRING}, frozenset({"a"}))


@pytest.mark.parametrize(
    ("type_", "plain", "wanted"),
    [
        (STRING, "string", "string"),
        (DYNAMIC, "dynamic", "any type"),
        (List(STRING), "list of string", "list of string"),
        (Map(DYNAMIC), "map of dynamic", "map of any single type"),
        (Set(List(DYNAMIC)), "set of list of dynamic", "set of list of any single type"),
        (Tuple((STRING,)), "tuple", "tuple"),
        (Object({"a": BOOL}), "object", "object"),
        (Capsule("bytes"), "bytes", "bytes"),
    ],
)
def test_names(type_: Type, plain: str, wanted: str) -> None:
    assert name(type_) == plain
    assert constraint_name(type_) == wanted


def test_optional_attributes_tell_types_apart() -> None:
    assert Object({"a": STRING}) != OPTIONAL
    assert without_optional(List(Tuple((OPTIONAL,)))) == List(Tuple((Object({"a": STRING}),)))
    assert len({OPTIONAL, Object({"a": STRING}), Object({"a": STRING})}) == 2


@pytest.mark.parametrize(
    ("type_", "wanted"),
    [
        (DYNAMIC, True),
        (STRING, False),
        (Set(DYNAMIC), True),
        (Tuple((STRING, DYNAMIC)), True),
        (Object({"a": List(STRING)}), False),
    ],
)
def test_wildcards_are_found(type_: Type, wanted: bool) -> None:
    assert has_dynamic(type_) is wanted


@pytest.mark.parametrize(
    ("given", "wanted", "fits"),
    [
        (STRING, DYNAMIC, True),
        (List(STRING), List(DYNAMIC), True),
        (List(STRING), Set(DYNAMIC), False),
        (List(STRING), List(NUMBER), False),
        (Tuple((STRING,)), Tuple((DYNAMIC,)), True),
        (Tuple((STRING,)), Tuple(()), False),
        (Object({"a": STRING}), Object({"a": DYNAMIC}), True),
        (Object({"a": STRING}), Object({"b": DYNAMIC}), False),
        (STRING, NUMBER, False),
    ],
)
def test_conformance(given: Type, wanted: Type, fits: bool) -> None:
    assert conforms(given, wanted) is fits
