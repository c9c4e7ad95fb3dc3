from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bake.evaluate import digits, number

if TYPE_CHECKING:
    from bake.evaluate.number import Number


def parsed(text: str) -> Number:
    found = number.parse(text)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (parsed("1e-7"), "0.0000001"),
        (parsed("123.4500"), "123.45"),
        (number.from_float(2.0**64), "18446744073709550000"),
        (number.integer(2**64), "18446744073709551616"),
        (number.from_float(1e23), "100000000000000000000000"),
        (number.from_float(9007199254740993.0), "9007199254740992"),
        (number.from_float(2.0**-24), "0.00000005960464477539062"),  # as Go has it; …063 is the float
        (number.from_float(5e-324), "0." + "0" * 323 + "4940656458412465"),
    ],
)
def test_as_few_digits_as_are_needed(value: Number, wanted: str) -> None:
    assert digits.fixed(value) == wanted


@pytest.mark.parametrize(
    ("text", "places", "wanted"),
    [
        ("0.5", 0, "0"),
        ("1.5", 0, "2"),
        ("2.5", 0, "2"),
        ("0.05", 0, "0"),
        ("9.99", 1, "10.0"),
        ("0.999", 2, "1.00"),
        ("0", 2, "0.00"),
        ("-0.001", 1, "-0.0"),
        ("1e30", 1, "1" + "0" * 30 + ".0"),
        ("Inf", 3, "+Inf"),
    ],
)
def test_so_many_places(text: str, places: int, wanted: str) -> None:
    assert digits.fixed(parsed(text), places) == wanted


@pytest.mark.parametrize(
    ("text", "places", "wanted"),
    [
        ("12345.678", 3, "1.235e+04"),
        ("0", 3, "0.000e+00"),
        ("0.00012", 0, "1e-04"),
        ("9.99", 1, "1.0e+01"),
        ("1e100", None, "1e+100"),
        ("123", None, "1.23e+02"),
        ("-Inf", 2, "-Inf"),
    ],
)
def test_scientific(text: str, places: int | None, wanted: str) -> None:
    assert digits.scientific(parsed(text), places) == wanted


@pytest.mark.parametrize(
    ("text", "count", "wanted"),
    [
        ("100000", None, "100000"),
        ("1000000", None, "1e+06"),
        ("0.0001", None, "0.0001"),
        ("0.00001", None, "1e-05"),
        ("1234.5678", 3, "1.23e+03"),
        ("1234.5678", 10, "1234.5678"),
        ("123456", 3, "1.23e+05"),
        ("15", 0, "2e+01"),
        ("0", None, "0"),
        ("Inf", None, "+Inf"),
    ],
)
def test_general(text: str, count: int | None, wanted: str) -> None:
    assert digits.general(parsed(text), count) == wanted


def test_long_integers_are_written_out() -> None:
    assert digits.whole_text(10**9000 + 7) == "1" + "0" * 8999 + "7"
