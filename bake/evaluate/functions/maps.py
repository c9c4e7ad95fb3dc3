"""Maps and objects: keys, values, look-up, merging."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bake.evaluate.convert import ConversionError, convert
from bake.evaluate.functions.function import Function, FunctionError, Parameter
from bake.evaluate.types import DYNAMIC, STRING, List, Map, Object, Tuple, name
from bake.evaluate.values import (
    Value,
    is_wholly_known,
    list_of,
    map_of,
    object_of,
    string,
    tuple_of,
    unknown,
)
from bake.goquote import quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bake.host import Host


def _keys(arguments: Sequence[Value], _host: Host) -> Value:
    (given,) = arguments
    match given.type:
        case Object(attributes=attributes):
            return tuple_of(map(string, sorted(attributes)))
        case Map():
            return list_of(STRING, map(string, given.raw)) if given.is_known else unknown(List(STRING))
    raise FunctionError("must have map or object type", 0)


def _values(arguments: Sequence[Value], _host: Host) -> Value:
    (given,) = arguments
    match given.type:
        case Object():
            return tuple_of(given.raw.values())
        case Map(element=element):
            return list_of(element, given.raw.values())
    raise FunctionError("values() requires a map as the first argument")


def _lookup(arguments: Sequence[Value], _host: Host) -> Value:
    mapping, key, default = arguments
    match mapping.type:
        case Object():
            wanted = default.type
        case Map(element=element):
            wanted = element
            try:
                default = convert(default, element)
            except ConversionError as error:
                message = "the default value must have the same type as the map elements"
                raise FunctionError(message, 2) from error
        case _:
            raise FunctionError("lookup() requires a map as the first argument", 0)
    if not is_wholly_known(mapping):
        return unknown(wanted)
    found: Value = mapping.raw.get(key.raw, default)
    return found


def _merge(arguments: Sequence[Value], _host: Host) -> Value:
    merged: dict[str, Value] = {}
    for argument in arguments:
        if not isinstance(argument.type, Map | Object) and argument.type != DYNAMIC:
            raise FunctionError(f"arguments must be maps or objects, got {quoted(name(argument.type))}")
        merged |= argument.raw or {}
    kinds = [argument.type for argument in arguments]
    if kinds and isinstance(kinds[0], Map) and all(kind == kinds[0] for kind in kinds):
        return map_of(kinds[0].element, merged)
    return object_of(merged)


def _zipmap(arguments: Sequence[Value], _host: Host) -> Value:
    keys, values = arguments
    if not isinstance(values.type, List | Tuple):
        raise FunctionError("values argument must be a list or tuple value")
    if not is_wholly_known(keys):
        return unknown(DYNAMIC)
    if len(keys.raw) != len(values.raw):
        counts = f"number of keys ({len(keys.raw)}) does not match number of values ({len(values.raw)})"
        raise FunctionError(counts)
    for place, key in enumerate(keys.raw):
        if key.is_null:
            raise FunctionError(f"keys list has null value at index {place}")
    zipped = {key.raw: value for key, value in zip(keys.raw, values.raw, strict=True)}
    return map_of(values.type.element, zipped) if isinstance(values.type, List) else object_of(zipped)


FUNCTIONS: Final = {
    "keys": Function(_keys, (Parameter("inputMap", allow_unknown=True),)),
    "lookup": Function(_lookup, (Parameter("inputMap"), Parameter("key", STRING), Parameter("default"))),
    "merge": Function(_merge, rest=Parameter("maps", allow_null=True, allow_dynamic=True)),
    "values": Function(_values, (Parameter("mapping"),)),
    "zipmap": Function(_zipmap, (Parameter("keys", List(STRING)), Parameter("values"))),
}
