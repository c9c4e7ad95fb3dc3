"""Bringing values to types: the face of `conversions`, with cty's messages.

convert(value, type)   what a constraint or a parameter does to a value
unify(types)           what a conditional or a list of mixed elements does
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bake.evaluate.conversions import Unification, find, unify
from bake.evaluate.mismatch import message
from bake.evaluate.primitives import ConversionError
from bake.evaluate.types import without_optional

if TYPE_CHECKING:
    from bake.evaluate.types import Type
    from bake.evaluate.values import Value

__all__ = ["ConversionError", "Unification", "convert", "find", "unify"]


def convert(value: Value, wanted: Type) -> Value:
    """`value` as the type `wanted`, wildcards taking what is there; ConversionError where it cannot be."""
    given = value.type
    if given is wanted or given == wanted or given == without_optional(wanted):
        return value
    step = find(given, wanted)
    if step is None:
        raise ConversionError(message(given, wanted))
    return step(value)
