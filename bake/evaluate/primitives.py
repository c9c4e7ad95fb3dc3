"""cty's conversions between primitive types.

A safe one can never fail (number to string); an unsafe one depends on the value (string to number) and
raises ConversionError in cty's words. There is none from a type to itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from bake.evaluate.digits import fixed
from bake.evaluate.number import parse
from bake.evaluate.types import BOOL, NUMBER, STRING, Primitive
from bake.evaluate.values import FALSE, TRUE, Value

Conversion = Callable[[Value], Value]


class ConversionError(ValueError):
    """The value cannot be converted; the text is cty's and has no full stop."""


def primitive(given: Primitive, wanted: Primitive, unsafe: bool) -> Conversion | None:
    """The conversion from one primitive type to another, None if there is none."""
    step = _SAFE.get((given.name, wanted.name))
    return _UNSAFE.get((given.name, wanted.name)) if step is None and unsafe else step


def _number_to_string(value: Value) -> Value:
    return Value(STRING, fixed(value.raw))


def _string_to_number(value: Value) -> Value:
    number = parse(value.raw)
    if number is None:
        raise ConversionError("a number is required")
    return Value(NUMBER, number)


def _string_to_bool(value: Value) -> Value:
    known = _BOOLS.get(value.raw)
    if known is not None:
        return known
    lower = value.raw.lower()
    hint = f'; to convert from string, use lowercase "{lower}"' if lower in ("true", "false") else ""
    raise ConversionError(f"a bool is required{hint}")


_BOOLS: Final = {"true": TRUE, "1": TRUE, "false": FALSE, "0": FALSE}
_SAFE: Final[dict[tuple[str, str], Conversion]] = {
    (NUMBER.name, STRING.name): _number_to_string,
    (BOOL.name, STRING.name): lambda value: Value(STRING, "true" if value.raw else "false"),
}
_UNSAFE: Final[dict[tuple[str, str], Conversion]] = {
    (STRING.name, NUMBER.name): _string_to_number,
    (STRING.name, BOOL.name): _string_to_bool,
}
