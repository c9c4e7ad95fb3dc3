"""Booleans, integers and floats in text, as Go's strconv reads and writes them.

ValueError carries Go's message.
"""

from __future__ import annotations

import re

from bake.goquote import quoted

GO_TRUE = frozenset(("1", "t", "T", "true", "TRUE", "True"))
GO_FALSE = frozenset(("0", "f", "F", "false", "FALSE", "False"))
"""What strconv.ParseBool takes."""
_INTEGER = re.compile(r"([+-]?)0*([1-9][0-9]*|0)", re.ASCII)
INT64 = range(-(2**63), 2**63)
_MOST_DIGITS = 19


def parse_bool(text: str) -> bool:
    """strconv.ParseBool."""
    if text not in GO_TRUE | GO_FALSE:
        raise ValueError(f"strconv.ParseBool: parsing {quoted(text)}: invalid syntax")
    return text in GO_TRUE


def parse_int64(text: str) -> int:
    """strconv.ParseInt in base 10 and 64 bits."""
    found = _INTEGER.fullmatch(text)
    if found is None:
        raise ValueError(f"strconv.ParseInt: parsing {quoted(text)}: invalid syntax")
    sign, digits = found.groups()
    # Python refuses to read very long texts, and no long one is in range
    number = int(sign + digits) if len(digits) <= _MOST_DIGITS else None
    if number is None or number not in INT64:
        raise ValueError(f"strconv.ParseInt: parsing {quoted(text)}: value out of range")
    return number


def float_text(value: float) -> str:
    """`%v`, which is `%g`: the fewest digits, with an exponent from 6 on and below -4 (strconv/ftoa.go)."""
    from decimal import Decimal

    number = Decimal(repr(value))
    if not number.is_finite():
        return "NaN" if number.is_nan() else f"{'-' if number.is_signed() else '+'}Inf"
    number = number.normalize()
    power = number.adjusted()
    if -4 <= power < 6 or not number:
        return format(number, "f")
    return f"{number.scaleb(-power):f}e{power:+03d}"
