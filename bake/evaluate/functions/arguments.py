"""Reading arguments as Go's int and float64, with the reference's complaints."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from bake.evaluate.functions.function import FunctionError

if TYPE_CHECKING:
    from bake.evaluate.values import Value

MAX_RESULT: Final = 16 * 1024 * 1024
"""The longest text, in characters, that a function may make out of a short one (padding, indenting,
replacing). The reference has no bound and dies of such input."""

_MAX_INT: Final = 2**63 - 1


def int_argument(value: Value, argument: int | None = None, prefix: str = "") -> int:
    """A number as a 64-bit integer, FunctionError for anything else; `prefix` leads its text."""
    number = value.raw
    if number.is_integer and number.magnitude <= 64:
        whole = int(number)
        if -_MAX_INT - 1 <= whole <= _MAX_INT:
            return whole
    raise FunctionError(
        f"{prefix}value must be a whole number, between {-_MAX_INT - 1} and {_MAX_INT}", argument
    )


def float_argument(value: Value) -> float:
    """A number as a float64; FunctionError where a finite one is out of range."""
    number = value.raw
    nearest = float(number)
    if math.isinf(nearest) and not number.infinite:
        largest = f"{1.7976931348623157e308:f}"
        raise FunctionError(f"value must be between -{largest} and {largest} inclusive")
    return nearest


def bounded(length: int) -> None:
    """Refuse a result that would be longer than MAX_RESULT."""
    if length > MAX_RESULT:
        raise FunctionError(f"the result would have more than {MAX_RESULT} characters")
