"""cty's numbers: binary floating point of a chosen precision, as Go's math/big has it.

A `Number` is ±mantissa·2^exponent rounded to `precision` bits (to nearest, ties to even), or an
infinity; zero has a sign. What is written has 512 bits; what a function counts has 64 and what comes
from a float64 has 53. An operation's precision is the larger one of its operands. The precision shows:
it decides how many digits are printed, hence `pow(2, 64)` prints 18446744073709550000.

Magnitudes are bounded at 2^±MAX_BITS (math/big: 2^±2147483648), so that every finite number can be written
out in digits: results above are infinite, below zero, and a text that says more is no number.
"""

from __future__ import annotations

import math
import re
from typing import Final

from bake.evaluate.digits import MAX_BITS, general, shortest_digits

PRECISION: Final = 512
"""Bits of a written number."""
INTEGER_PRECISION: Final = 64
"""Bits of a number that a function counted (at least: a longer integer brings its own length)."""
FLOAT_PRECISION: Final = 53
"""Bits of a number that went through a float64."""

_TEXT: Final = re.compile(
    r"([+-]?)(?:([0-9]+)(?:\.([0-9]*))?|\.([0-9]+))(?:([eEpP])([+-]?[0-9]+))?", re.ASCII
)
_INFINITY: Final = re.compile(r"([+-]?)[Ii]nf")


class NotANumberError(ArithmeticError):
    """The operation has no result: 0/0, ∞-∞, 0·∞, ∞/∞."""


class Number:
    """One immutable number.

    `mantissa` is odd, or 0 with exponent 0; that makes every value's form unique. Infinities have
    `infinite` set and mantissa 0. `==` and hash follow cty: equal numbers may differ in precision.
    """

    __slots__ = ("exponent", "infinite", "mantissa", "negative", "precision")

    def __init__(
        self, negative: bool, mantissa: int, exponent: int, precision: int, infinite: bool = False
    ) -> None:
        """Use `parse`, `integer`, `from_float` or `rounded`; this takes an already canonical form."""
        self.negative: Final = negative
        self.mantissa: Final = mantissa
        self.exponent: Final = exponent
        self.precision: Final = precision
        self.infinite: Final = infinite

    def __repr__(self) -> str:
        return f"Number({general(self)}, {self.precision})"

    @property
    def is_zero(self) -> bool:
        return not self.mantissa and not self.infinite

    @property
    def is_integer(self) -> bool:
        return self.exponent >= 0 and not self.infinite

    @property
    def sign(self) -> int:
        """-1, 0 or 1; both zeros are 0."""
        return 0 if self.is_zero else -1 if self.negative else 1

    @property
    def magnitude(self) -> int:
        """The place of the leading bit: 2^(magnitude-1) <= |self| < 2^magnitude."""
        return self.exponent + self.mantissa.bit_length()

    def __int__(self) -> int:
        """The integer part, truncated towards zero; OverflowError for an infinity."""
        if self.infinite:
            raise OverflowError("cannot convert infinity to an integer")
        whole = self.mantissa << self.exponent if self.exponent >= 0 else self.mantissa >> -self.exponent
        return -whole if self.negative else whole

    def __float__(self) -> float:
        """The nearest float64, an infinity where it is too large."""
        if self.infinite or self.magnitude > 1100:
            return -math.inf if self.negative else math.inf
        if self.magnitude < -1100:
            return -0.0 if self.negative else 0.0
        # Python's int/int is correctly rounded, also where the result is subnormal
        try:
            size = (
                float(self.mantissa << self.exponent)
                if self.exponent >= 0
                else self.mantissa / (1 << -self.exponent)
            )
        except OverflowError:
            size = math.inf
        return -size if self.negative else size

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Number):
            return NotImplemented
        if self.negative is not other.negative and not (self.is_zero and other.is_zero):
            return False
        if self.mantissa == other.mantissa and self.exponent == other.exponent:
            return self.infinite is other.infinite
        if self.precision == other.precision or self.is_integer or other.is_integer:
            return False
        return self._decimal() == other._decimal()

    def __hash__(self) -> int:
        if self.is_integer or self.infinite:
            return hash((self.sign, self.mantissa, self.exponent, self.infinite))
        return hash(self._decimal())

    def _decimal(self) -> object:
        # cty compares fractions by their shortest text, so that 0.1 of 512 bits is 0.1 of a float64
        return self.negative, shortest_digits(self)

    def compare(self, other: Number) -> int:
        """-1, 0 or 1 by exact value, unlike `==`."""
        if self.sign != other.sign or not self.sign:
            return (self.sign > other.sign) - (self.sign < other.sign)
        return self.sign * _compare_sizes(self, other)

    def __lt__(self, other: Number) -> bool:
        return self.compare(other) < 0

    def __neg__(self) -> Number:
        return Number(not self.negative, self.mantissa, self.exponent, self.precision, self.infinite)

    def __abs__(self) -> Number:
        return -self if self.negative else self

    def __add__(self, other: Number) -> Number:
        precision = max(self.precision, other.precision)
        if self.infinite or other.infinite:
            if self.infinite and other.infinite and self.negative is not other.negative:
                raise NotANumberError
            return infinity(self.negative if self.infinite else other.negative, precision)
        if self.is_zero and other.is_zero:
            return Number(self.negative and other.negative, 0, 0, precision)
        total, exponent = _aligned_sum(self, other, precision)
        return rounded(total < 0, abs(total), exponent, precision)

    def __sub__(self, other: Number) -> Number:
        return self + -other

    def __mul__(self, other: Number) -> Number:
        precision = max(self.precision, other.precision)
        negative = self.negative is not other.negative
        if self.infinite or other.infinite:
            if self.is_zero or other.is_zero:
                raise NotANumberError
            return infinity(negative, precision)
        product = rounded(negative, self.mantissa * other.mantissa, self.exponent + other.exponent, PRECISION)
        # cty widens a product instead of losing bits of it, up to the precision of a written number
        return product.with_precision(max(precision, product.mantissa.bit_length()))

    def __truediv__(self, other: Number) -> Number:
        precision = max(self.precision, other.precision)
        negative = self.negative is not other.negative
        if (self.infinite and other.infinite) or (self.is_zero and other.is_zero):
            raise NotANumberError
        if self.infinite or other.is_zero:
            return infinity(negative, precision)
        if other.infinite or self.is_zero:
            return Number(negative, 0, 0, precision)
        return _quotient(self, other, negative, precision)

    def __mod__(self, other: Number) -> Number:
        """What is left of a division truncated towards zero; `x % 0` is x, as in cty."""
        if other.is_zero:
            return self
        if self.infinite or other.infinite:
            raise NotANumberError
        ratio = self / other
        if ratio.infinite:
            raise NotANumberError
        whole = truncated(ratio).with_precision(self.precision)
        # the ratio becomes an integer of math/big, which knows no -0: hence -0 % 7 stays -0
        negative = whole.sign < 0
        product = rounded(
            negative is not other.negative,
            whole.mantissa * other.mantissa,
            whole.exponent + other.exponent,
            self.precision,
        )
        return (self + -product).with_precision(self.precision)

    def with_precision(self, precision: int) -> Number:
        """The same number rounded to `precision` bits."""
        if self.infinite:
            return infinity(self.negative, precision)
        return rounded(self.negative, self.mantissa, self.exponent, precision)


def infinity(negative: bool = False, precision: int = PRECISION) -> Number:
    return Number(negative, 0, 0, precision, infinite=True)


def integer(whole: int) -> Number:
    """A number that a function counted: 64 bits, or as many as it needs."""
    return rounded(whole < 0, abs(whole), 0, max(whole.bit_length(), INTEGER_PRECISION))


def from_float(value: float) -> Number:
    """A float64 as it is, 53 bits; NotANumberError for NaN."""
    if math.isnan(value):
        raise NotANumberError
    if math.isinf(value):
        return infinity(value < 0, FLOAT_PRECISION)
    numerator, denominator = value.as_integer_ratio()
    negative = math.copysign(1.0, value) < 0
    return rounded(negative, abs(numerator), 1 - denominator.bit_length(), FLOAT_PRECISION)


def parse(text: str) -> Number | None:
    """A decimal text as a number of 512 bits; None when it is not one.

    Taken are a sign, digits with a point, a power of ten (`e`) or of two (`p`), and `Inf`: what Go's
    big.ParseFloat takes in base 10.
    """
    if found := _INFINITY.fullmatch(text):
        return infinity(found[1] == "-")
    found = _TEXT.fullmatch(text)
    if found is None:
        return None
    sign, whole, fraction, only_fraction, mark, power = found.groups()
    places = fraction or only_fraction or ""
    mantissa = _digits_to_int((whole or "") + places)
    if len((power or "").lstrip("+-0")) > 19 or not -(2**63) <= int(power or 0) < 2**63:
        return None
    tens, twos = -len(places), 0
    if mark in ("p", "P"):
        twos = int(power)
    elif mark:
        tens += int(power)
    return _scaled(sign == "-", mantissa, tens, twos)


def rounded(negative: bool, mantissa: int, exponent: int, precision: int) -> Number:
    """mantissa·2^exponent to `precision` bits, to nearest, ties to even."""
    surplus = mantissa.bit_length() - precision
    if surplus > 0:
        dropped = mantissa & ((1 << surplus) - 1)
        half = 1 << (surplus - 1)
        mantissa >>= surplus
        exponent += surplus
        if dropped > half or (dropped == half and mantissa & 1):
            mantissa += 1
    if not mantissa:
        return Number(negative, 0, 0, precision)
    zeros = (mantissa & -mantissa).bit_length() - 1
    mantissa >>= zeros
    exponent += zeros
    magnitude = exponent + mantissa.bit_length()
    if magnitude > MAX_BITS:
        return infinity(negative, precision)
    if magnitude < -MAX_BITS:
        return Number(negative, 0, 0, precision)
    return Number(negative, mantissa, exponent, precision)


def truncated(number: Number) -> Number:
    """Without its fraction, towards zero; an integer stays as it is."""
    return number if number.is_integer else integer(int(number))


def floor(number: Number) -> Number:
    """The largest integer that is not larger; an infinity stays."""
    return _whole(number, -1)


def ceil(number: Number) -> Number:
    """The smallest integer that is not smaller; an infinity stays."""
    return _whole(number, 1)


def _whole(number: Number, direction: int) -> Number:
    if number.infinite or (number.is_integer and number.mantissa):
        return number  # only a zero goes on, to lose its sign
    whole = int(number)
    if not number.is_integer and number.sign == direction:
        whole += direction
    return rounded(whole < 0, abs(whole), 0, number.precision)


def _digits_to_int(digits: str) -> int:
    # int() refuses long texts to protect servers, so long ones are halved
    if len(digits) <= 4000:
        return int(digits)
    half = len(digits) // 2
    scale: int = 10 ** (len(digits) - half)
    return _digits_to_int(digits[:half]) * scale + _digits_to_int(digits[half:])


def _scaled(negative: bool, mantissa: int, tens: int, twos: int) -> Number | None:
    if not mantissa:
        return Number(negative, 0, 0, PRECISION)
    exponent = twos + tens
    if abs(exponent + mantissa.bit_length()) > MAX_BITS:
        return None
    if tens == 0:
        return rounded(negative, mantissa, exponent, PRECISION)
    fives = _power_of_five(abs(tens))
    exact = Number(negative, mantissa, exponent, PRECISION)
    if tens < 0:
        return (
            Number(negative, 0, 0, PRECISION)
            if fives.infinite
            else _quotient(exact, fives, negative, PRECISION)
        )
    if fives.infinite:
        return None
    product = rounded(negative, mantissa * fives.mantissa, exponent + fives.exponent, PRECISION)
    return None if product.infinite else product


def _power_of_five(count: int) -> Number:
    """5^count to 576 bits, by the steps of big.Float so that the last bit is the same."""
    if count <= 27:
        return rounded(False, 5**count, 0, PRECISION + 64)
    power = rounded(False, 5**27, 0, PRECISION + 64)
    base = rounded(False, 5, 0, PRECISION + 128)
    count -= 27
    while count:
        if count & 1:
            power = _product(power, base)
        base = _product(base, base)
        count >>= 1
    return power


def _product(left: Number, right: Number) -> Number:
    if left.infinite or right.infinite:
        return infinity(False, left.precision)
    return rounded(False, left.mantissa * right.mantissa, left.exponent + right.exponent, left.precision)


def _quotient(dividend: Number, divisor: Number, negative: bool, precision: int) -> Number:
    shift = max(precision + 2 + divisor.mantissa.bit_length() - dividend.mantissa.bit_length(), 0)
    quotient, rest = divmod(dividend.mantissa << shift, divisor.mantissa)
    # a last bit of 1 for what was cut off, so that a tie is not seen where there is none
    mantissa = quotient << 1 | bool(rest)
    return rounded(negative, mantissa, dividend.exponent - divisor.exponent - shift - 1, precision)


def _aligned_sum(left: Number, right: Number, precision: int) -> tuple[int, int]:
    """The exact sum as (signed mantissa, exponent), or one that rounds alike where the two are so far
    apart that writing out the distance would be costly."""
    if left.is_zero or right.is_zero:
        known = right if left.is_zero else left
        return _signed(known), known.exponent
    large, small = (left, right) if left.magnitude >= right.magnitude else (right, left)
    guard = precision + large.mantissa.bit_length() + 4
    if large.magnitude - small.magnitude > guard:
        return (_signed(large) << guard) + small.sign, large.exponent - guard
    exponent = min(left.exponent, right.exponent)
    return (_signed(left) << left.exponent - exponent) + (
        _signed(right) << right.exponent - exponent
    ), exponent


def _signed(number: Number) -> int:
    return -number.mantissa if number.negative else number.mantissa


def _compare_sizes(left: Number, right: Number) -> int:
    if left.infinite or right.infinite:
        return left.infinite - right.infinite
    if left.magnitude != right.magnitude:
        return 1 if left.magnitude > right.magnitude else -1
    exponent = min(left.exponent, right.exponent)
    one, two = left.mantissa << left.exponent - exponent, right.mantissa << right.exponent - exponent
    return (one > two) - (one < two)
