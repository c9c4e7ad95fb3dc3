"""JSON text as a value of a given type, as cty's json.Unmarshal reads it, and values as JSON text.

Unlike `jsondecode`, the type decides: what an object's type names may be missing (it is null then),
nothing else may be there, and primitives convert from the text they are written as. Where the type is
open (`any`) the text has to name it: {"type": ["list", "string"], "value": ["a"]}.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from bake import gojson
from bake.evaluate.convert import ConversionError, convert
from bake.evaluate.number import parse
from bake.evaluate.types import (
    BOOL,
    DYNAMIC,
    NUMBER,
    STRING,
    List,
    Map,
    Object,
    Primitive,
    Set,
    Tuple,
    Type,
    has_dynamic,
    without_optional,
)
from bake.evaluate.types import name as type_name
from bake.evaluate.values import (
    Value,
    boolean,
    common_type,
    list_of,
    map_of,
    normalized,
    null,
    number,
    object_of,
    set_of,
    tuple_of,
)
from bake.goquote import quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class JSONValueError(ValueError):
    """The text is no JSON, or not of the type."""


class _Digits(str):
    """A number as it is written."""

    __slots__ = ()


def from_json(text: str, wanted: Type) -> Value:
    """The value that `text` begins with as a `wanted`; what follows it is not read (cty 1.17).

    Raises JSONValueError in cty's words.
    """
    decoder = json.JSONDecoder(parse_int=_Digits, parse_float=_Digits, parse_constant=_refuse)
    try:
        tree, end = decoder.raw_decode(text, len(text) - len(text.lstrip(" \t\r\n")))
        if isinstance(tree, _Digits) and text[end : end + 1] in _UNFINISHED:
            raise JSONValueError(_complaint(text))
        return _read(tree, without_optional(wanted))
    except json.JSONDecodeError as exc:
        raise JSONValueError(_complaint(text) or exc.msg) from exc
    except RecursionError as exc:
        raise JSONValueError("nested too deeply") from exc


_UNFINISHED = (".", "e", "E")
"""What makes a number of the digits before it that has none behind."""


def _complaint(text: str) -> str:
    """What Go says of a text that is no JSON, "" where it finds no fault."""
    from bake.evaluate.functions.jsontext import JSONError, decode

    try:
        decode(text)
    except JSONError as exc:
        return str(exc)
    return ""


def _refuse(word: str) -> Any:
    raise JSONValueError(f"invalid value {word}")


def _read(tree: Any, wanted: Type) -> Value:
    if tree is None:
        return null(wanted)
    if wanted == DYNAMIC:
        return _described(tree)
    return _READERS[type(wanted)](tree, wanted)


def _described(tree: Any) -> Value:
    """A value that brings its type."""
    found = _entries(tree)
    for key in found:
        if key not in ("type", "value"):
            raise JSONValueError(f"invalid key {quoted(key)} in dynamically-typed value")
    for key in ("type", "value"):
        if key not in found:
            raise JSONValueError(f"missing {key} in dynamically-typed value")
    try:
        wanted = _type(found["type"])
    except JSONValueError as exc:
        raise JSONValueError(f"failed to decode type for dynamic value: {exc}") from exc
    return _read(found["value"], wanted)


_PLAIN: dict[str, Type] = {"bool": BOOL, "number": NUMBER, "string": STRING, "dynamic": DYNAMIC}
_COLLECTIONS: dict[str, type[List | Set | Map]] = {"list": List, "set": Set, "map": Map}


def _type(tree: Any) -> Type:
    """The type that cty writes as "string", ["list", TYPE], ["tuple", [TYPE…]], ["object", {NAME: TYPE…}]."""
    if isinstance(tree, str) and not isinstance(tree, _Digits):
        if tree not in _PLAIN:
            raise JSONValueError(f"invalid primitive type name {quoted(tree)}")
        return _PLAIN[tree]
    match tree:
        case [str(kind), inner] if kind in _COLLECTIONS:
            return _COLLECTIONS[kind](_type(inner))
        case ["tuple", list(inner)]:
            return Tuple(tuple(map(_type, inner)))
        case ["object", dict(inner)] | ["object", dict(inner), list()]:
            return Object({key: _type(one) for key, one in inner.items()})
        case [str(kind), *_] if kind in (*_COLLECTIONS, "tuple", "object"):
            raise JSONValueError("unexpected extra data in type description")
        case list():
            raise JSONValueError("invalid complex type kind name")
        case dict():
            raise JSONValueError("invalid complex type description")
    raise JSONValueError("invalid type description")


def _primitive(tree: Any, wanted: Primitive) -> Value:
    if wanted == STRING and isinstance(tree, str):
        return normalized(str(tree))
    if wanted == STRING and isinstance(tree, bool):
        return normalized("true" if tree else "false")
    if wanted == BOOL and isinstance(tree, bool):
        return boolean(tree)
    if wanted == BOOL and isinstance(tree, str) and not isinstance(tree, _Digits):
        try:
            return convert(normalized(tree), BOOL)
        except ConversionError as exc:
            raise JSONValueError(str(exc)) from exc
    if wanted == NUMBER and isinstance(tree, str):
        found = parse(tree)
        if found is None:
            raise JSONValueError("a number is required")
        return number(found)
    raise JSONValueError(f"{type_name(wanted)} is required")


def _elements(tree: Any) -> list[Any]:
    if not isinstance(tree, list):
        raise JSONValueError("missing expected [")
    return tree


def _entries(tree: Any) -> dict[str, Any]:
    if not isinstance(tree, dict):
        raise JSONValueError("missing expected {")
    return tree


def _tuple(tree: Any, wanted: Tuple) -> Value:
    found = _elements(tree)
    if len(found) != len(wanted.elements):
        which = "too many" if len(found) > len(wanted.elements) else "not enough"
        raise JSONValueError(f"{which} tuple elements (need {len(wanted.elements)})")
    return tuple_of([_read(one, element) for one, element in zip(found, wanted.elements, strict=True)])


def _object(tree: Any, wanted: Object) -> Value:
    found = _entries(tree)
    for key in found:
        if key not in wanted.attributes:
            raise JSONValueError(f"unsupported attribute {quoted(key)}")
    return object_of({key: _read(found.get(key), inner) for key, inner in wanted.attributes.items()})


def _list(tree: Any, wanted: List) -> Value:
    found = [_read(one, wanted.element) for one in _elements(tree)]
    return list_of(_element(found, wanted), found)


def _set(tree: Any, wanted: Set) -> Value:
    found = [_read(one, wanted.element) for one in _elements(tree)]
    return set_of(_element(found, wanted), found)


def _map(tree: Any, wanted: Map) -> Value:
    found = {key: _read(one, wanted.element) for key, one in _entries(tree).items()}
    return map_of(_element(list(found.values()), wanted), found)


def _element(found: Sequence[Value], wanted: List | Set | Map) -> Type:
    """The elements' type, which they decide themselves where it is open."""
    if not found or not has_dynamic(wanted.element):
        return wanted.element
    common = common_type(found)
    if common is None:
        raise JSONValueError("all elements must have the same type")
    return common


_READERS: dict[type[Type], Callable[..., Value]] = {
    Primitive: _primitive,
    List: _list,
    Set: _set,
    Map: _map,
    Tuple: _tuple,
    Object: _object,
}


def to_json(value: Value) -> str:
    """A known value as cty's json.Marshal writes it: no blanks, keys in order, `<>&` escaped as Go does."""
    if value.raw is None:
        return "null"
    kind = value.type
    if kind == STRING:
        return gojson.text(value.raw)
    if kind == BOOL:
        return "true" if value.raw else "false"
    if kind == NUMBER:
        return str(convert(value, STRING).raw)
    if isinstance(kind, (Map, Object)):
        members = (f"{gojson.text(key)}:{to_json(one)}" for key, one in sorted(value.raw.items()))
        return f"{{{','.join(members)}}}"
    return "[" + ",".join(to_json(one) for one in value.raw) + "]"
