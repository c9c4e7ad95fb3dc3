"""cty's values: a type and what it holds. Immutable; equality is Python's, cty's `==` is in `operators`.

`raw` by type: STRING str (NFC), BOOL bool, NUMBER Number, List/Tuple tuple of Values, Set a tuple of
distinct Values in cty's order, Map/Object dict of Values in key order (bytes of UTF-8). None is null,
UNKNOWN a value that is not known. Elements of a list, set or map all have the element type.
"""

from __future__ import annotations

from functools import cmp_to_key
from typing import TYPE_CHECKING, Any, Final

from bake.evaluate import types
from bake.evaluate.number import integer
from bake.evaluate.types import BOOL, DYNAMIC, NUMBER, STRING, List, Map, Object, Set, Tuple, Type
from bake.goquote import quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bake.evaluate.number import Number


class _Unknown:
    __slots__ = ()

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = _Unknown()


class Value:
    """A type and what it holds; see the module for `raw`."""

    __slots__ = ("raw", "type")

    def __init__(self, type: Type, raw: Any) -> None:  # noqa: A002 - the field's own name
        self.type: Final = type
        self.raw: Final = raw

    @property
    def is_null(self) -> bool:
        return self.raw is None

    @property
    def is_known(self) -> bool:
        return self.raw is not UNKNOWN

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Value):
            return NotImplemented
        return self.type == other.type and bool(self.raw == other.raw)

    def __hash__(self) -> int:
        return hash(tuple(self.raw.items()) if isinstance(self.raw, dict) else self.raw)

    def __repr__(self) -> str:
        return f"Value({types.name(self.type)}, {self.raw!r})"


TRUE: Final = Value(BOOL, True)
FALSE: Final = Value(BOOL, False)
NULL: Final = Value(DYNAMIC, None)
"""The null of no type."""
ANY_UNKNOWN: Final = Value(DYNAMIC, UNKNOWN)
"""A value of which not even the type is known."""


def string(text: str) -> Value:
    """A string value; `text` is taken as it is (see `normalized`)."""
    return Value(STRING, text)


def normalized(text: str) -> Value:
    """A string value in NFC, as cty keeps them: for text that was put together or cut."""
    if not text.isascii():
        from unicodedata import normalize

        text = normalize("NFC", text)
    return Value(STRING, text)


def boolean(flag: bool) -> Value:
    return TRUE if flag else FALSE


def number(value: Number) -> Value:
    return Value(NUMBER, value)


def whole(count: int) -> Value:
    """A number that was counted."""
    return Value(NUMBER, integer(count))


def null(type_: Type) -> Value:
    return Value(type_, None)


def unknown(type_: Type) -> Value:
    return Value(type_, UNKNOWN)


def tuple_of(elements: Iterable[Value]) -> Value:
    held = tuple(elements)
    return Value(Tuple(tuple(one.type for one in held)), held)


def object_of(attributes: Mapping[str, Value]) -> Value:
    held = dict(sorted(attributes.items()))
    return Value(Object({key: one.type for key, one in held.items()}), held)


def list_of(element: Type, elements: Iterable[Value]) -> Value:
    """A list; each of `elements` is of the type `element`, or an untyped null."""
    return Value(List(element), _typed(element, elements))


def map_of(element: Type, elements: Mapping[str, Value]) -> Value:
    """A map; each of `elements` is of the type `element`, or an untyped null."""
    typed = _typed(element, elements.values())
    return Value(Map(element), dict(sorted(zip(elements, typed, strict=True))))


def set_of(element: Type, elements: Iterable[Value]) -> Value:
    """A set: equal elements once, in cty's order. Each is of the type `element`, or an untyped null."""
    distinct: dict[object, Value] = {}
    for one in _typed(element, elements):
        distinct.setdefault(set_key(one), one)
    return Value(Set(element), tuple(sorted(distinct.values(), key=_SET_ORDER)))


def set_key(value: Value) -> object:
    """What two elements of a set share when they count as one: equal, and told apart by no text (as 0
    and -0 are)."""
    return value if value.type in (STRING, BOOL) else (value, _set_text(value))


def common_type(elements: Sequence[Value]) -> Type | None:
    """The one type of all elements, untyped ones left out; None when they differ, DYNAMIC when none is
    typed."""
    found: Type = DYNAMIC
    for one in elements:
        if found == DYNAMIC:
            found = one.type
        elif one.type not in (DYNAMIC, found):
            return None
    return found


def is_wholly_known(value: Value) -> bool:
    """Whether neither the value nor anything inside it is unknown."""
    if value.raw is UNKNOWN:
        return False
    if isinstance(value.raw, dict):
        return all(map(is_wholly_known, value.raw.values()))
    if isinstance(value.raw, tuple):
        return all(map(is_wholly_known, value.raw))
    return True


def _typed(element: Type, elements: Iterable[Value]) -> tuple[Value, ...]:
    return tuple(Value(element, one.raw) if one.type is DYNAMIC else one for one in elements)


def compare_in_set(left: Value, right: Value) -> int:
    """cty's order of a set's elements: numbers by value, strings by bytes, false before true, all else
    by a text made of its parts; then unknown, then null."""
    if left.raw is None or right.raw is None:
        return (left.raw is None) - (right.raw is None)
    if left.raw is UNKNOWN or right.raw is UNKNOWN:
        return (left.raw is UNKNOWN) - (right.raw is UNKNOWN)
    if left.type == NUMBER:
        order: int = left.raw.compare(right.raw)
        return order or right.raw.negative - left.raw.negative
    one, two = (left.raw, right.raw) if left.type in (STRING, BOOL) else (_set_text(left), _set_text(right))
    return (one > two) - (one < two)


_SET_ORDER: Final = cmp_to_key(compare_in_set)


def _set_text(value: Value) -> str:
    # the bytes that cty hashes, which also decide the order of elements that have none of their own
    raw = value.raw
    if raw is None or raw is UNKNOWN:
        return "~" if raw is None else "?"
    match value.type:
        case Map():
            return "{" + "".join(f"{quoted(key)}:{_set_text(one)};" for key, one in raw.items()) + "}"
        case Object():
            return "<" + "".join(f"{_set_text(one)};" for one in raw.values()) + ">"
        case List() | Set():
            return "[" + "".join(f"{_set_text(one)};" for one in raw) + "]"
        case Tuple():
            return "<" + "".join(f"{_set_text(one)};" for one in raw) + ">"
    if value.type == BOOL:
        return "T" if raw else "F"
    if value.type == NUMBER:
        from bake.evaluate.digits import general

        return general(raw, 10)
    return quoted(raw)
