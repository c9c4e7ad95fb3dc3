"""cty's types: what a value can be, how types are told apart and named in messages.

List, Set and Map have one element type; Tuple and Object one for each element. DYNAMIC is "any": the
type of an untyped null, and the wildcard of a constraint. Rules and names are cty's (1.17).
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Final

from bake.record import record

if TYPE_CHECKING:
    from collections.abc import Mapping


class Type:
    """The root of all types; compare with `==`."""

    __slots__ = ()


@record
class Primitive(Type):
    name: str


@record
class Dynamic(Type):
    """Any type; use the one instance DYNAMIC."""


@record
class Capsule(Type):
    """A type that only functions know; equal by name. No bake file can write a value of one."""

    name: str


STRING: Final = Primitive("string")
NUMBER: Final = Primitive("number")
BOOL: Final = Primitive("bool")
DYNAMIC: Final = Dynamic()


@record
class List(Type):
    element: Type


@record
class Set(Type):
    element: Type


@record
class Map(Type):
    element: Type


@record
class Tuple(Type):
    elements: tuple[Type, ...] = ()


@record
class Object(Type):
    """Attributes by name (order has no meaning); `optional` ones may lack in a conversion, and may
    have a default there."""

    attributes: Mapping[str, Type] = field(default_factory=dict)
    optional: frozenset[str] = frozenset()

    def __hash__(self) -> int:
        return hash((frozenset(self.attributes.items()), self.optional))


Collection = List | Set | Map

COLLECTION_NAMES: Final[dict[type[Type], str]] = {List: "list", Set: "set", Map: "map"}


def name(type_: Type) -> str:
    """What messages call the type of a value: "list of string", "object", "dynamic"."""
    match type_:
        case Primitive() | Capsule():
            return type_.name
        case List() | Set() | Map():
            return f"{COLLECTION_NAMES[type(type_)]} of {name(type_.element)}"
        case Tuple():
            return "tuple"
        case Object():
            return "object"
    return "dynamic"


def constraint_name(type_: Type) -> str:
    """What messages call a wanted type, where DYNAMIC is a wildcard: "list of any single type"."""
    if isinstance(type_, Collection):
        element = "any single type" if type_.element == DYNAMIC else constraint_name(type_.element)
        return f"{COLLECTION_NAMES[type(type_)]} of {element}"
    return "any type" if type_ == DYNAMIC else name(type_)


def has_dynamic(type_: Type) -> bool:
    """Whether DYNAMIC is the type or stands anywhere inside it."""
    match type_:
        case List() | Set() | Map():
            return has_dynamic(type_.element)
        case Tuple():
            return any(map(has_dynamic, type_.elements))
        case Object():
            return any(map(has_dynamic, type_.attributes.values()))
    return type_ == DYNAMIC


def without_optional(type_: Type) -> Type:
    """The type with every attribute required: values have no optional attributes."""
    match type_:
        case List() | Set() | Map():
            return type(type_)(without_optional(type_.element))
        case Tuple():
            return Tuple(tuple(map(without_optional, type_.elements)))
        case Object():
            return Object({key: without_optional(inner) for key, inner in type_.attributes.items()})
    return type_


def conforms(given: Type, wanted: Type) -> bool:
    """Whether `given` is `wanted`, DYNAMIC in `wanted` matching anything."""
    if wanted == DYNAMIC or given == wanted:
        return True
    match given, wanted:
        case List() | Set() | Map(), List() | Set() | Map():
            return type(given) is type(wanted) and conforms(given.element, wanted.element)
        case Tuple(), Tuple():
            return len(given.elements) == len(wanted.elements) and all(
                map(conforms, given.elements, wanted.elements)
            )
        case Object(), Object():
            return given.attributes.keys() == wanted.attributes.keys() and all(
                conforms(inner, wanted.attributes[key]) for key, inner in given.attributes.items()
            )
    return False
