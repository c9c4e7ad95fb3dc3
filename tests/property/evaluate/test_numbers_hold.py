"""Numbers against exact fractions, an independent judge of what correct rounding is."""

from __future__ import annotations

import math
import struct
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from hypothesis import assume, example, given
from hypothesis import strategies as st

from bake.evaluate import digits, number

if TYPE_CHECKING:
    from bake.evaluate.number import Number

PRECISIONS = st.sampled_from([53, 64, 512])


def exact(value: Number) -> Fraction:
    size = Fraction(value.mantissa) * Fraction(2) ** value.exponent
    return -size if value.negative else size


def nearest(value: Fraction, precision: int) -> Fraction:
    """The nearest fraction of `precision` bits, ties to even, by exact arithmetic alone."""
    if not value:
        return value
    size = abs(value)
    power = size.numerator.bit_length() - size.denominator.bit_length() - precision
    step = Fraction(2) ** power
    while size / step >= 2**precision:
        step *= 2
    while size / step < 2 ** (precision - 1):
        step /= 2
    # round() of a fraction goes to even on ties
    rounded = round(size / step) * step
    return rounded if value > 0 else -rounded


def written(digits_count: int = 40) -> st.SearchStrategy[str]:
    return st.builds(
        lambda sign, whole, places, power: f"{sign}{whole}.{places}e{power}",
        st.sampled_from(["", "-"]),
        st.integers(0, 10**digits_count),
        st.integers(0, 10**digits_count),
        st.integers(-60, 60),
    )


numbers = st.builds(
    lambda text, precision: parsed(text).with_precision(precision), written(), PRECISIONS
) | st.floats(allow_nan=False, allow_infinity=False).map(number.from_float)


def parsed(text: str) -> Number:
    found = number.parse(text)
    assert found is not None
    return found


@given(written(200))
@example("0.1e0")
@example("123456789012345678901234567890.0e-400")
def test_parsing_rounds_to_the_nearest(text: str) -> None:
    assert exact(parsed(text)) == nearest(Fraction(text), number.PRECISION)


@given(numbers, numbers)
def test_sums_and_differences_are_rounded_once(left: Number, right: Number) -> None:
    precision = max(left.precision, right.precision)
    assert exact(left + right) == nearest(exact(left) + exact(right), precision)
    assert exact(left - right) == nearest(exact(left) - exact(right), precision)
    assert (left + right).precision == precision


@given(numbers, numbers)
def test_products_are_rounded_once_to_512_bits(left: Number, right: Number) -> None:
    product = left * right
    assert exact(product) == nearest(exact(left) * exact(right), 512)
    assert product.precision >= max(left.precision, right.precision)


@given(numbers, numbers)
def test_quotients_are_rounded_once(left: Number, right: Number) -> None:
    assume(not right.is_zero)
    precision = max(left.precision, right.precision)
    assert exact(left / right) == nearest(exact(left) / exact(right), precision)


@given(st.integers(-(10**30), 10**30), st.integers(-(10**12), 10**12).filter(bool))
def test_remainders_of_integers_have_the_sign_of_the_dividend(left: int, right: int) -> None:
    rest = int(parsed(str(left)) % parsed(str(right)))
    assert rest == (abs(left) % abs(right)) * (-1 if left < 0 else 1)


@given(numbers, numbers)
def test_order_is_that_of_the_values(left: Number, right: Number) -> None:
    one, two = exact(left), exact(right)
    assert left.compare(right) == (one > two) - (one < two)


@given(numbers, numbers)
def test_equal_numbers_have_equal_hashes(left: Number, right: Number) -> None:
    assert (left == right) is (right == left)
    if left == right:
        assert hash(left) == hash(right)
    if exact(left) == exact(right):
        assert left == right


@given(numbers)
def test_the_text_reads_back_as_the_same_number(value: Number) -> None:
    for text in (digits.fixed(value), digits.scientific(value), digits.general(value)):
        assert exact(parsed(text).with_precision(value.precision)) == exact(value)


@given(numbers)
def test_no_shorter_text_reads_back_as_the_same_number(value: Number) -> None:
    assume(not value.is_zero)
    count = len(digits.shortest_digits(value).digits)
    assume(count > 1)
    shorter = digits.scientific(value, count - 2)
    assert nearest(Fraction(shorter), value.precision) != exact(value)


@given(numbers, st.integers(0, 40))
def test_digits_are_rounded_to_nearest_even(value: Number, places: int) -> None:
    wanted = round(exact(value), places)
    assert Fraction(digits.fixed(value, places)) == wanted


@given(st.floats(allow_nan=False, allow_infinity=False, allow_subnormal=False))
def test_a_float_prints_as_python_prints_it(value: float) -> None:
    # math/big takes both neighbours of a power of two for equally far away
    assume(abs(math.frexp(value)[0]) != 0.5)
    assert Fraction(digits.fixed(number.from_float(value))) == Fraction(Decimal(repr(value)))


@given(numbers)
@example(parsed("1e400"))
@example(parsed("-1e-400"))
@example(parsed("2.2250738585072011e-308"))
def test_a_float_is_the_nearest(value: Number) -> None:
    found = float(value)
    try:
        wanted = float(exact(value))
    except OverflowError:
        wanted = math.copysign(math.inf, -1 if value.negative else 1)
    assert struct.pack("d", abs(found)) == struct.pack("d", abs(wanted))
    assert found <= 0 if value.negative else found >= 0


@given(numbers)
def test_whole_numbers_around(value: Number) -> None:
    low, high = number.floor(value), number.ceil(value)
    assert exact(low) == nearest(Fraction(math.floor(exact(value))), value.precision)
    assert exact(high) == nearest(Fraction(math.ceil(exact(value))), value.precision)
    assert exact(number.truncated(value)) == math.trunc(exact(value))


@given(st.text(st.sampled_from("0123456789.eEpP+-Inf_x "), max_size=12))
def test_no_text_breaks_the_reader(text: str) -> None:
    found = number.parse(text)
    if found is not None and not found.infinite and "p" not in text.lower():
        assert exact(found) == nearest(Fraction(text), 512) or abs(found.magnitude) > 10**6
