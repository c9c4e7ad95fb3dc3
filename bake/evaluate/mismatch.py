"""Why a type cannot become another, in cty's words, without a full stop."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bake.evaluate.conversions import find
from bake.evaluate.types import (
    BOOL,
    COLLECTION_NAMES,
    DYNAMIC,
    NUMBER,
    STRING,
    Collection,
    List,
    Map,
    Object,
    Primitive,
    Set,
    Tuple,
    Type,
    constraint_name,
    has_dynamic,
    name,
)

if TYPE_CHECKING:
    from collections.abc import Iterable


def message(given: Type, wanted: Type) -> str:
    """What to say of a value of the type `given` where `wanted` is required."""
    if isinstance(given, Object) and isinstance(wanted, Object):
        return _objects(given, wanted)
    if isinstance(wanted, Collection):
        structural = isinstance(given, Object if isinstance(wanted, Map) else Tuple)
        if structural and wanted.element == DYNAMIC:
            return f"all {COLLECTION_NAMES[type(wanted)]} elements must have the same type"
        if isinstance(given, Tuple | Object):
            return _structure(given, wanted) if structural else f"{constraint_name(wanted)} required"
        if isinstance(given, Collection):
            return _collections(given, wanted)
    if not _confusing(given, wanted):
        return f"{name(wanted)} required, but have {name(given)}"
    return f"{constraint_name(wanted)} required"


def _objects(given: Object, wanted: Object) -> str:
    missing = sorted(wanted.attributes.keys() - given.attributes.keys() - wanted.optional)
    if missing:
        return _missing(missing)
    shared = [
        (key, given.attributes[key], wanted.attributes[key])
        for key in sorted(wanted.attributes)
        if key in given.attributes
    ]
    for unsafe in (True, False):
        for key, one, two in shared:
            if one != two and not find(one, two, unsafe=unsafe):
                return f'attribute "{key}": {message(one, two)}'
    return "incorrect object attributes"


def _missing(names: list[str]) -> str:
    quoted = [f'"{key}"' for key in names]
    if len(quoted) == 1:
        return f"attribute {quoted[0]} is required"
    comma = "," if len(quoted) > 2 else ""
    return f"attributes {', '.join(quoted[:-1])}{comma} and {quoted[-1]} are required"


def _structure(given: Tuple | Object, wanted: List | Set | Map) -> str:
    parts: Iterable[tuple[str, Type]]
    if isinstance(given, Tuple):
        parts = ((str(index), one) for index, one in enumerate(given.elements))
    else:
        parts = ((f'"{key}"', one) for key, one in sorted(given.attributes.items()))
    for place, one in parts:
        if one != wanted.element and not find(one, wanted.element):
            return f"element {place}: {message(one, wanted.element)}"
    return f"all elements must be {constraint_name(wanted.element)}"


def _collections(given: List | Set | Map, wanted: List | Set | Map) -> str:
    if isinstance(given, Map) is not isinstance(wanted, Map):
        return f"{constraint_name(wanted)} required"
    return (
        f"incorrect {COLLECTION_NAMES[type(wanted)]} element type: {message(given.element, wanted.element)}"
    )


def _confusing(given: Type, wanted: Type) -> bool:
    """Whether naming the given type too would rather puzzle than help."""
    if isinstance(given, Primitive) is not isinstance(wanted, Primitive) or wanted == STRING:
        return False
    if {given, wanted} == {BOOL, NUMBER}:
        return False
    if isinstance(given, Collection) and isinstance(wanted, Collection):
        return has_dynamic(given.element) or not has_dynamic(wanted.element)
    return not (isinstance(given, Tuple) and isinstance(wanted, Object))
