"""Powers and logarithms on float64 by the steps of Go's math package, so that the last digit is the same.

The C library's, which Python uses, round differently in the last bit now and then. Go's own differ by
processor too; these are amd64's: Log after FreeBSD's e_log.c, Exp after N. Shibata, "Efficient evaluation
methods of elementary functions suitable for SIMD computation" (2010), with fused multiply-add.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Final

_LN2_HIGH: Final = 6.93147180369123816490e-01
_LN2_LOW: Final = 1.90821492927058770002e-10
_LOG_TERMS: Final = (
    6.666666666666735130e-01,
    3.999999999940941908e-01,
    2.857142874366239149e-01,
    2.222219843214978396e-01,
    1.818357216161805012e-01,
    1.531383769920937332e-01,
    1.479819860511658591e-01,
)
_LN2_UPPER: Final = 0.69314718055966295651160180568695068359375
_LN2_LOWER: Final = 0.28235290563031577122588448175013436025525412068e-12
_LOG2_E: Final = 1.4426950408889634073599246810018920
_TAYLOR: Final = tuple(1.0 / math.factorial(count) for count in range(8, 0, -1))


def logarithm(value: float) -> float:
    """The natural logarithm; -∞ for zero, NaN below."""
    if not 0 < value < math.inf:
        return value if value > 0 else -math.inf if value == 0 else math.nan
    fraction, scale = math.frexp(value)
    if fraction < math.sqrt(2) / 2:
        fraction *= 2
        scale -= 1
    distance = fraction - 1
    ratio = distance / (2 + distance)
    square = ratio * ratio
    fourth = square * square
    odd = square * _polynomial(_LOG_TERMS[::2], fourth)
    even = fourth * _polynomial(_LOG_TERMS[1::2], fourth)
    half_square = 0.5 * distance * distance
    small = ratio * (half_square + (odd + even)) + scale * _LN2_LOW
    return scale * _LN2_HIGH - ((half_square - small) - distance)


def _polynomial(terms: tuple[float, ...], value: float) -> float:
    total = terms[-1]
    for term in terms[-2::-1]:
        total = term + value * total
    return total


def exponential(value: float) -> float:
    """e to the power of a value that is far from overflow."""
    scale = round(value * _LOG2_E)
    rest = _fused(-scale, _LN2_LOWER, _fused(-scale, _LN2_UPPER, value)) * 0.0625
    total = _TAYLOR[0]
    for term in _TAYLOR[1:]:
        total = _fused(total, rest, term)
    total *= rest
    # e^(x/16)-1 becomes e^x-1 by four squarings, the last one adding the 1 back
    for _ in range(3):
        total *= total + 2
    return math.ldexp(_fused(total, total + 2, 1.0), scale)


def _fused(left: float, right: float, addend: float) -> float:
    """left·right + addend, rounded once."""
    return float(Fraction(left) * Fraction(right) + Fraction(addend))


def power(base: float, exponent: float) -> float:
    """base**exponent; NaN where it has no real value."""
    special = _special(base, exponent)
    if special is not None:
        return special
    fraction, whole = math.modf(abs(exponent))
    if fraction and base < 0:
        return math.nan
    if whole >= 2.0**63:
        if base == -1:
            return 1.0
        return 0.0 if (abs(base) < 1) == (exponent > 0) else math.inf
    mantissa, scale = 1.0, 0
    if fraction:
        if fraction > 0.5:
            fraction -= 1
            whole += 1
        mantissa = exponential(fraction * logarithm(base))
    mantissa, scale = _whole_power(base, int(whole), mantissa)
    if exponent < 0:
        mantissa, scale = 1 / mantissa, -scale
    try:
        return math.ldexp(mantissa, scale)
    except OverflowError:
        return math.copysign(math.inf, mantissa)


def _special(base: float, exponent: float) -> float | None:
    if exponent == 0 or base == 1:
        return 1.0
    if exponent == 1:
        return base
    if base == 0:
        result = math.inf if exponent < 0 else 0.0
        return math.copysign(result, base) if _is_odd(exponent) else result
    if math.isinf(exponent):
        if base == -1:
            return 1.0
        return 0.0 if (abs(base) < 1) == (exponent > 0) else math.inf
    if math.isinf(base):
        result = math.inf if exponent > 0 else 0.0
        return math.copysign(result, base) if _is_odd(exponent) else result
    if abs(exponent) == 0.5 and base >= 0:
        root = math.sqrt(base)
        return root if exponent > 0 else 1 / root
    return None


def _is_odd(value: float) -> bool:
    return math.isfinite(value) and value % 2 == 1


def _whole_power(base: float, count: int, mantissa: float) -> tuple[float, int]:
    """mantissa·base^count as (mantissa, power of two), by repeated squaring."""
    factor, factor_scale = math.frexp(base)
    scale = 0
    while count:
        if abs(factor_scale) > 1 << 12:
            # far beyond any float64 already
            return mantissa, scale + factor_scale
        if count & 1:
            mantissa *= factor
            scale += factor_scale
        factor *= factor
        factor_scale <<= 1
        if factor < 0.5:
            factor += factor
            factor_scale -= 1
        count >>= 1
    return mantissa, scale
