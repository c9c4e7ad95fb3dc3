"""cty's types: what a value can be, and how types are told apart and named in messages.

List, Set and Map have one element type; Tuple and Object one for each element. DYNAMIC is "any".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class Type:
    """The root of all types; compare with `==`."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Primitive(Type):
    name: str


STRING = Primitive("string")
NUMBER = Primitive("number")
BOOL = Primitive("bool")
DYNAMIC = Primitive("dynamic")


@dataclass(frozen=True, slots=True)
class List(Type):
    element: Type


@dataclass(frozen=True, slots=True)
class Set(Type):
    element: Type


@dataclass(frozen=True, slots=True)
class Map(Type):
    element: Type


@dataclass(frozen=True, slots=True)
class Tuple(Type):
    elements: tuple[Type, ...]


@dataclass(frozen=True, slots=True)
class Object(Type):
    """Attributes by name (order has no meaning); `optional` ones may lack in a conversion, and may
    have a default there."""

    attributes: Mapping[str, Type] = field(default_factory=dict)
    optional: frozenset[str] = frozenset()
