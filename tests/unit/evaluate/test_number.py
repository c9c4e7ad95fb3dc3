from __future__ import annotations

import math

import pytest

from bake.evaluate import number
from bake.evaluate.digits import fixed
from bake.evaluate.number import NotANumberError, Number


def parsed(text: str) -> Number:
    found = number.parse(text)
    assert found is not None, text
    return found


ZERO, ONE, INFINITY = parsed("0"), parsed("1"), number.infinity()


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("0", "0"),
        ("-0", "-0"),
        ("+5", "5"),
        ("5.", "5"),
        (".5", "0.5"),
        ("1e3", "1000"),
        ("1E-3", "0.001"),
        ("1p4", "16"),
        ("1p-2", "0.25"),
        ("007", "7"),
        ("Inf", "+Inf"),
        ("-inf", "-Inf"),
        ("0e999999999999", "0"),
        ("1e-400000", "0"),
        ("9" * 5000, "1" + "0" * 5000),
    ],
)
def test_texts(text: str, wanted: str) -> None:
    assert fixed(parsed(text)) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "-",
        "e5",
        "1e",
        "1e+",
        "0x10",
        "1_0",
        " 1",
        "1 ",
        "INF",
        "nan",
        "1e400000",
        "1e9999999999999999999999",
        "٣",
    ],
)
def test_what_is_no_number(text: str) -> None:
    assert number.parse(text) is None


@pytest.mark.parametrize(
    ("left", "right", "wanted"),
    [(ZERO, ZERO, "0"), (-ZERO, -ZERO, "-0"), (-ZERO, ZERO, "0"), (ONE, -ONE, "0"), (INFINITY, ONE, "+Inf")],
)
def test_sums_at_the_edges(left: Number, right: Number, wanted: str) -> None:
    assert fixed(left + right) == wanted


@pytest.mark.parametrize(
    ("left", "right", "wanted"),
    [
        (ONE, ZERO, "+Inf"),
        (-ONE, ZERO, "-Inf"),
        (ONE, -ZERO, "-Inf"),
        (ONE, INFINITY, "0"),
        (-ONE, INFINITY, "-0"),
    ],
)
def test_quotients_at_the_edges(left: Number, right: Number, wanted: str) -> None:
    assert fixed(left / right) == wanted


@pytest.mark.parametrize(
    "impossible",
    [
        lambda: INFINITY - INFINITY,
        lambda: ZERO * INFINITY,
        lambda: ZERO / ZERO,
        lambda: INFINITY / INFINITY,
        lambda: INFINITY % ONE,
        lambda: ONE % INFINITY,
        lambda: number.from_float(math.nan),
    ],
)
def test_what_has_no_result(impossible: object) -> None:
    assert callable(impossible)
    with pytest.raises(NotANumberError):
        impossible()


def test_a_third_has_the_digits_of_its_precision() -> None:
    assert len(fixed(ONE / parsed("3"))) == 157
    assert fixed(number.integer(1) / number.integer(3)) == "0.33333333333333333334"
    assert fixed(number.from_float(1.0) / number.from_float(3.0)) == "0.3333333333333333"


def test_tenths_add_up() -> None:
    assert parsed("0.1") + parsed("0.2") == parsed("0.3")


def test_equality_of_fractions_is_that_of_their_texts() -> None:
    assert number.from_float(0.1) == parsed("0.1")
    assert hash(number.from_float(0.1)) == hash(parsed("0.1"))
    assert number.from_float(0.1).compare(parsed("0.1")) == 1


def test_zeros_are_equal_and_hash_alike() -> None:
    assert -ZERO == ZERO
    assert hash(-ZERO) == hash(ZERO)
    assert (-ZERO).sign == 0


@pytest.mark.parametrize(
    ("dividend", "divisor", "wanted"),
    [
        ("7", "3", "1"),
        ("-7", "3", "-1"),
        ("7", "-3", "1"),
        ("7", "0", "7"),
        ("5.5", "2", "1.5"),
        ("-6", "3", "0"),
    ],
)
def test_remainders(dividend: str, divisor: str, wanted: str) -> None:
    assert parsed(dividend) % parsed(divisor) == parsed(wanted)


@pytest.mark.parametrize(
    ("text", "low", "high", "whole"),
    [("1.5", "1", "2", "1"), ("-1.5", "-2", "-1", "-1"), ("-0.5", "-1", "0", "0"), ("-0", "0", "0", "-0")],
)
def test_whole_numbers_around(text: str, low: str, high: str, whole: str) -> None:
    value = parsed(text)
    assert [fixed(one) for one in (number.floor(value), number.ceil(value), number.truncated(value))] == [
        low,
        high,
        whole,
    ]


def test_numbers_beyond_the_bounds_are_infinite_or_zero() -> None:
    large, small = parsed("1e300000"), parsed("1e-300000")
    assert (large * large).infinite
    assert (small * small).is_zero
    assert fixed(-large * large) == "-Inf"


def test_numbers_far_apart_add_without_writing_out_the_distance() -> None:
    large = parsed("1e300000")
    assert large + parsed("1e-300000") == large


def test_an_infinity_has_no_integer() -> None:
    with pytest.raises(OverflowError):
        int(INFINITY)
    assert float(-INFINITY) == -math.inf


def test_floats_overflow_and_underflow() -> None:
    assert float(parsed("1e400")) == math.inf
    assert float(parsed("-1e400")) == -math.inf
    assert math.copysign(1, float(parsed("-1e-400"))) == -1


def test_other_things_are_not_numbers() -> None:
    assert ONE != 1
    assert sorted([ONE, -ONE, ZERO]) == [-ONE, ZERO, ONE]
    assert repr(parsed("2.5")) == "Number(2.5, 512)"
