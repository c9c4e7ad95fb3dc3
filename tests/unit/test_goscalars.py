"""Numbers and flags in text, with Go's messages."""

from __future__ import annotations

import math

import pytest

from bake.goscalars import float_text, parse_bool, parse_int64


@pytest.mark.parametrize("text", ["1", "t", "T", "true", "TRUE", "True"])
def test_true(text: str) -> None:
    assert parse_bool(text) is True


@pytest.mark.parametrize("text", ["0", "f", "F", "false", "FALSE", "False"])
def test_false(text: str) -> None:
    assert parse_bool(text) is False


@pytest.mark.parametrize("text", ["", "yes", "tRUE", " true", "2"])
def test_no_flag(text: str) -> None:
    with pytest.raises(ValueError, match="invalid syntax") as caught:
        parse_bool(text)
    assert str(caught.value) == f'strconv.ParseBool: parsing "{text}": invalid syntax'


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        ("-7", -7),
        ("+7", 7),
        ("007", 7),
        ("0" * 40 + "5", 5),
        ("9223372036854775807", 2**63 - 1),
        ("-9223372036854775808", -(2**63)),
    ],
)
def test_whole_numbers(text: str, number: int) -> None:
    assert parse_int64(text) == number


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "invalid syntax"),
        ("1.5", "invalid syntax"),
        ("1_000", "invalid syntax"),
        ("٣", "invalid syntax"),
        ("9223372036854775808", "value out of range"),
        ("-9223372036854775809", "value out of range"),
        ("9" * 5000, "value out of range"),
    ],
)
def test_no_whole_numbers(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem) as caught:
        parse_int64(text)
    assert str(caught.value) == f'strconv.ParseInt: parsing "{text}": {problem}'


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.0, "0"),
        (-0.0, "-0"),
        (1.5, "1.5"),
        (1000.0, "1000"),
        (999999.5, "999999.5"),
        (1e6, "1e+06"),
        (123456789.5, "1.234567895e+08"),
        (1e21, "1e+21"),
        (-1e100, "-1e+100"),
        (0.0001, "0.0001"),
        (0.00001, "1e-05"),
        (5e-324, "5e-324"),
        (math.inf, "+Inf"),
        (-math.inf, "-Inf"),
        (math.nan, "NaN"),
    ],
)
def test_floats(number: float, text: str) -> None:
    assert float_text(number) == text


def test_many_zeros_are_read_in_one_go() -> None:
    assert parse_int64("0" * 1_000_000) == 0
    assert parse_int64("-" + "0" * 1_000_000 + "10") == -10
    with pytest.raises(ValueError, match="invalid syntax"):
        parse_int64("0" * 1_000_000 + "x")
