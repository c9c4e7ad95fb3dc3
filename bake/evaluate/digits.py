"""Numbers to decimal text, as Go's math/big writes them.

The shortest form is the least number of digits that still reads back as the same number at its own
precision.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from bake.evaluate.number import Number

MAX_BITS: Final = 1_000_000
"""The largest magnitude of a number, either way, that is written out in digits (some 300,000 of them)."""

_LOG10_OF_2 = 0.30103
_SHORT_BITS = 13_000


class Decimal(NamedTuple):
    """0.DIGITS·10^point, no zero at either end of the digits; no digits are zero.

    `exact` is False where more digits follow that were not written out.
    """

    digits: str
    point: int
    exact: bool = True


def fixed(number: Number, places: int | None = None) -> str:
    """Plain notation: `places` digits behind the point, or as few digits as are needed."""
    if number.infinite:
        return _infinity(number)
    if places is None:
        if number.is_integer and number.magnitude <= min(number.precision, 4000):
            # its neighbours are at least one away: no digit can be spared
            return _signed(number, str(abs(int(number))))
        decimal = shortest_digits(number)
        return _signed(number, _fixed(decimal, max(len(decimal.digits) - decimal.point, 0)))
    whole_digits = max(int(number.magnitude * _LOG10_OF_2) + 2, 0)
    decimal = leading_digits(number, whole_digits + places + 2)
    return _signed(number, _fixed(round_digits(decimal, decimal.point + places), places))


def scientific(number: Number, places: int | None = None, letter: str = "e") -> str:
    """d.ddde±dd: `places` digits behind the point, or as few as are needed."""
    if number.infinite:
        return _infinity(number)
    if places is None:
        decimal = shortest_digits(number)
        places = max(len(decimal.digits) - 1, 0)
    else:
        decimal = round_digits(leading_digits(number, places + 3), places + 1)
    return _signed(number, _scientific(decimal, places, letter))


def general(number: Number, count: int | None = None, letter: str = "e") -> str:
    """%g: `count` digits, or as few as are needed; scientific where the exponent is below -4, or not
    below the count (21 and more count as needed digits do: 6)."""
    if number.infinite:
        return _infinity(number)
    if count is None:
        decimal = shortest_digits(number)
        count = len(decimal.digits)
        limit = 6
    else:
        count = count or 1
        decimal = round_digits(leading_digits(number, count + 2), count)
        written = len(decimal.digits)
        limit = written if count > written >= decimal.point else count
    if not -4 <= decimal.point - 1 < limit:
        places = min(count, len(decimal.digits)) - 1
        return _signed(number, _scientific(decimal, max(places, 0), letter))
    if count > decimal.point:
        count = len(decimal.digits)
    return _signed(number, _fixed(decimal, max(count - decimal.point, 0)))


def shortest_digits(number: Number) -> Decimal:
    """The fewest digits that round to `number` at its precision, and among those the nearest.

    The method is math/big's: walk along the digits of the number and of its two neighbours' halfway
    points until cutting off, or rounding up, stays between these. To it both neighbours are equally far,
    so what it writes of a power of two may be one digit too short, as of 2^-24 in a float's precision.
    """
    if not number.mantissa:
        return Decimal("", 0)
    width = number.precision + 1
    shift = width - number.mantissa.bit_length()
    half_steps = number.mantissa << shift
    exponent = number.exponent - shift
    count = int(width * _LOG10_OF_2) + 5
    middle = _leading(half_steps, exponent, count)
    lower = _leading(half_steps - 1, exponent, count)
    upper = _leading(half_steps + 1, exponent, count)
    inclusive = not half_steps & 2
    for place, digit in enumerate(middle.digits):
        low, high = _digit(lower, place), _digit(upper, place)
        last_low = lower.exact and place + 1 == len(lower.digits)
        more_high = not upper.exact or place + 1 < len(upper.digits)
        down = low != digit or (inclusive and last_low)
        up = digit != high and (inclusive or int(digit) + 1 < int(high) or more_high)
        if down and up:
            return round_digits(middle, place + 1)
        if down:
            return _trimmed(middle.digits[: place + 1], middle.point)
        if up:
            return _round_up(middle, place + 1)
    return middle


def leading_digits(number: Number, count: int) -> Decimal:
    """The first `count` digits, the rest cut off."""
    return _leading(number.mantissa, number.exponent, count) if number.mantissa else Decimal("", 0)


def whole_text(whole: int) -> str:
    """The decimal text of an integer that is not negative, however long."""
    if whole.bit_length() <= _SHORT_BITS:
        return str(whole)
    # str() refuses long integers to protect servers, so long ones are halved
    half = int(whole.bit_length() * _LOG10_OF_2) // 2
    high, low = divmod(whole, 10**half)
    return whole_text(high) + whole_text(low).rjust(half, "0")


def round_digits(decimal: Decimal, count: int) -> Decimal:
    """To `count` digits, to nearest, ties to even; `decimal` must hold one digit more, or be exact."""
    digits = decimal.digits
    if count < 0:
        return Decimal("", 0)
    if count >= len(digits):
        return decimal
    tie = digits[count] == "5" and decimal.exact and count + 1 == len(digits)
    up = (count > 0 and int(digits[count - 1]) & 1 == 1) if tie else digits[count] >= "5"
    return _round_up(decimal, count) if up else _trimmed(digits[:count], decimal.point)


def _round_up(decimal: Decimal, count: int) -> Decimal:
    kept = decimal.digits[:count].rstrip("9")
    if not kept:
        return Decimal("1", decimal.point + 1)
    return Decimal(kept[:-1] + str(int(kept[-1]) + 1), decimal.point)


def _trimmed(digits: str, point: int) -> Decimal:
    digits = digits.rstrip("0")
    return Decimal(digits, point) if digits else Decimal("", 0)


def _digit(decimal: Decimal, place: int) -> str:
    return decimal.digits[place] if place < len(decimal.digits) else "0"


def _leading(mantissa: int, exponent: int, count: int) -> Decimal:
    """The first `count` digits of mantissa·2^exponent; mantissa is positive."""
    magnitude = exponent + mantissa.bit_length()
    # at least `count` digits, at most three more: scale by a power of ten, keep the integer part
    scale = count + 1 - int((magnitude - 1) * _LOG10_OF_2)
    if scale >= 0:
        scaled, rest = _shifted(mantissa * 10**scale, exponent)
    else:
        top, divisor = (
            (mantissa << exponent, 10**-scale) if exponent >= 0 else (mantissa, 10**-scale << -exponent)
        )
        scaled, remainder = divmod(top, divisor)
        rest = bool(remainder)
    digits = whole_text(scaled)
    point = len(digits) - scale
    exact = not rest and not digits[count:].strip("0")
    digits = digits[:count]
    return Decimal(digits.rstrip("0") if exact else digits, point, exact)


def _shifted(value: int, exponent: int) -> tuple[int, bool]:
    if exponent >= 0:
        return value << exponent, False
    return value >> -exponent, bool(value & ((1 << -exponent) - 1))


def _fixed(decimal: Decimal, places: int) -> str:
    digits, point = decimal.digits, decimal.point
    whole = digits[:point].ljust(point, "0") if point > 0 else "0"
    if not places:
        return whole
    fraction = digits[max(point, 0) :].rjust(len(digits) - point, "0") if point < 0 else digits[point:]
    return f"{whole}.{fraction[:places].ljust(places, '0')}"


def _scientific(decimal: Decimal, places: int, letter: str) -> str:
    digits = (decimal.digits or "0").ljust(places + 1, "0")
    power = decimal.point - 1 if decimal.digits else 0
    fraction = f".{digits[1:]}" if places else ""
    return f"{digits[0]}{fraction}{letter}{'-' if power < 0 else '+'}{abs(power):02d}"


def _signed(number: Number, text: str) -> str:
    return f"-{text}" if number.negative else text


def _infinity(number: Number) -> str:
    return "-Inf" if number.negative else "+Inf"
