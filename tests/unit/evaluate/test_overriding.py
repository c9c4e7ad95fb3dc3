from __future__ import annotations

from typing import Any

import pytest

from bake.evaluate.overriding import OverridingError, csv_fields, from_csv, from_text
from bake.evaluate.types import BOOL, NUMBER, STRING, List, Map, Object, Set, Tuple, Type
from tests.fakes.evaluating import plain


@pytest.mark.parametrize(
    ("text", "wanted", "found"),
    [
        ("", STRING, ""),
        ("e\u0301", STRING, "\u00e9"),
        ("T", BOOL, True),
        ("0", BOOL, False),
        ("FALSE", BOOL, False),
        ("4", NUMBER, 4),
        ("-1.5e1", NUMBER, -15),
        (".5", NUMBER, 0.5),
        ("0x1p4", NUMBER, 16),
        ("1_0.5_0e0_1", NUMBER, 105),
        ("0x_1_0p0_1", NUMBER, 32),
    ],
)
def test_primitives(text: str, wanted: Type, found: Any) -> None:
    value = from_text("V", text, wanted)
    assert (plain(value), value.type) == (found, wanted)


@pytest.mark.parametrize(
    ("text", "wanted", "message"),
    [
        ("yes", BOOL, 'failed to parse V as bool: strconv.ParseBool: parsing "yes": invalid syntax'),
        ("z", NUMBER, 'failed to parse V as number: strconv.ParseFloat: parsing "z": invalid syntax'),
        ("", NUMBER, 'failed to parse V as number: strconv.ParseFloat: parsing "": invalid syntax'),
        ("1__0", NUMBER, 'failed to parse V as number: strconv.ParseFloat: parsing "1__0": invalid syntax'),
        ("1_.0", NUMBER, 'failed to parse V as number: strconv.ParseFloat: parsing "1_.0": invalid syntax'),
        (
            "0x1__0p1",
            NUMBER,
            'failed to parse V as number: strconv.ParseFloat: parsing "0x1__0p1": invalid syntax',
        ),
        (" 1", NUMBER, 'failed to parse V as number: strconv.ParseFloat: parsing " 1": invalid syntax'),
        (
            "1e999",
            NUMBER,
            'failed to parse V as number: strconv.ParseFloat: parsing "1e999": value out of range',
        ),
        ("-Inf", NUMBER, "failed to parse V as number: invalid number value"),
        ("nan", NUMBER, "failed to parse V as number: invalid number value"),
        ("1", List(STRING), "V of type list of string is not a primitive"),
    ],
)
def test_what_is_no_primitive(text: str, wanted: Type, message: str) -> None:
    with pytest.raises(OverridingError) as told:
        from_text("V", text, wanted)
    assert str(told.value) == message


@pytest.mark.parametrize(
    ("text", "wanted", "found"),
    [
        ("a,b", List(STRING), ["a", "b"]),
        ("2,10,2", Set(NUMBER), [2, 10]),
        ("a,1,true", Tuple((STRING, NUMBER, BOOL)), ["a", 1, True]),
        ("b:1,a:2", Map(NUMBER), {"a": 2, "b": 1}),
        ('"k:""x:y""",z:', Map(STRING), {"k": "x:y", "z": ""}),
    ],
)
def test_csv(text: str, wanted: Any, found: Any) -> None:
    value = from_csv("V", text, wanted)
    assert (plain(value), value.type) == (found, wanted)


@pytest.mark.parametrize(
    ("text", "wanted", "message"),
    [
        ("", List(STRING), "failed to parse  as CSV: EOF"),
        (
            'a"b',
            List(STRING),
            'failed to parse a"b as CSV: parse error on line 1, column 2: bare " in non-quoted field',
        ),
        (
            "z",
            List(NUMBER),
            "failed to parse element of type list of number: failed to parse V as number: "
            'strconv.ParseFloat: parsing "z": invalid syntax',
        ),
        ("a", List(List(STRING)), "unsupported type list of list of string for CSV specification"),
        ("a", Set(Object({})), "unsupported type set of object for CSV specification"),
        ("a", Tuple((STRING, STRING)), "tuple expects 2 elements but only 1 provided"),
        ("a", Map(STRING), "expected one k/v pair but got 1 pieces from a"),
        ("a:b,", Map(STRING), "failed to parse  as k/v for variable V: EOF"),
    ],
)
def test_what_is_no_csv(text: str, wanted: Any, message: str) -> None:
    with pytest.raises(OverridingError) as told:
        from_csv("V", text, wanted)
    assert str(told.value) == message


@pytest.mark.parametrize(
    ("line", "fields"),
    [
        ("a", ["a"]),
        ("a,", ["a", ""]),
        (",", ["", ""]),
        ('"a,b",c', ["a,b", "c"]),
        ('"a""b"', ['a"b']),
        ('"",x', ["", "x"]),
        ("a\n", ["a"]),
        ("a\r\n", ["a"]),
        ("a b , c", ["a b ", " c"]),
    ],
)
def test_fields(line: str, fields: list[str]) -> None:
    assert csv_fields(line) == fields


@pytest.mark.parametrize(
    ("line", "column", "reason"),
    [
        ('é"', 3, 'bare " in non-quoted field'),
        ('"a', 2, 'extraneous or missing " in quoted-field'),
        ('"a"b', 3, 'extraneous or missing " in quoted-field'),
    ],
)
def test_bad_quoting(line: str, column: int, reason: str) -> None:
    with pytest.raises(OverridingError) as told:
        csv_fields(line)
    assert str(told.value) == f"parse error on line 1, column {column}: {reason}"
