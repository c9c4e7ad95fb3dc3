"""Sequences: lengths, elements, parts and combinations of lists and tuples."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bake.evaluate import number as numbers
from bake.evaluate.convert import ConversionError, convert, unify
from bake.evaluate.functions.arguments import int_argument
from bake.evaluate.functions.function import Function, FunctionError, Parameter
from bake.evaluate.operators import equals, has_index, position
from bake.evaluate.types import BOOL, DYNAMIC, NUMBER, STRING, List, Map, Set, Tuple, name
from bake.evaluate.values import Value, boolean, is_wholly_known, list_of, tuple_of, unknown, whole

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bake.evaluate.number import Number
    from bake.host import Host

_ANY_LIST: Final = List(DYNAMIC)
_NOT_A_COLLECTION: Final = "collection must be a list, a map or a tuple"
_EMPTY_ELEMENT: Final = "cannot use element function with an empty list"
RANGE_LIMIT: Final = 1024
"""The most numbers that `range` gives, as in cty."""


def _has_index(arguments: Sequence[Value], _host: Host) -> Value:
    collection, key = arguments
    if collection.type == DYNAMIC:
        return unknown(BOOL)
    if not isinstance(collection.type, List | Tuple | Map):
        raise FunctionError(_NOT_A_COLLECTION)
    return unknown(BOOL) if key.type == DYNAMIC else boolean(has_index(collection, key))


def _index(arguments: Sequence[Value], _host: Host) -> Value:
    collection, key = arguments
    match collection.type:
        case Tuple(elements=elements):
            if key.type != NUMBER:
                raise FunctionError("key for tuple must be number")
            place = int_argument(key, prefix="invalid key for tuple: ")
            if not 0 <= place < len(elements):
                raise FunctionError(f"key must be between 0 and {len(elements)} inclusive")
        case List():
            if key.type != NUMBER:
                raise FunctionError("key for list must be number")
        case Map():
            if key.type != STRING:
                raise FunctionError("key for map must be string")
        case _:
            raise FunctionError(_NOT_A_COLLECTION)
    if not has_index(collection, key):
        raise FunctionError("invalid index")
    by_name = isinstance(collection.type, Map)
    found: Value = collection.raw[key.raw if by_name else position(key.raw, len(collection.raw))]
    return found


def _length(arguments: Sequence[Value], _host: Host) -> Value:
    (collection,) = arguments
    if isinstance(collection.type, Tuple):
        return whole(len(collection.type.elements))
    if not isinstance(collection.type, List | Set | Map) and collection.type != DYNAMIC:
        raise FunctionError(_NOT_A_COLLECTION)
    return whole(len(collection.raw)) if collection.is_known else unknown(NUMBER)


def _element(arguments: Sequence[Value], _host: Host) -> Value:
    sequence, index = arguments
    if not isinstance(sequence.type, List | Tuple):
        raise FunctionError(f"cannot read elements from {name(sequence.type)}")
    place = int_argument(index, prefix="invalid index: ")
    if not sequence.raw:
        raise FunctionError(_EMPTY_ELEMENT)
    found: Value = sequence.raw[place % len(sequence.raw)]
    return found


def _index_of(arguments: Sequence[Value], _host: Host) -> Value:
    sequence, wanted = arguments
    if not isinstance(sequence.type, List | Tuple):
        raise FunctionError("argument must be a list or tuple")
    if not sequence.raw:
        raise FunctionError("cannot search an empty list")
    for place, one in enumerate(sequence.raw):
        same = equals(one, wanted)
        if not same.is_known:
            return unknown(NUMBER)
        if same.raw:
            return whole(place)
    raise FunctionError("item not found")


def _contains(arguments: Sequence[Value], _host: Host) -> Value:
    sequence, wanted = arguments
    if not isinstance(sequence.type, List | Tuple | Set):
        raise FunctionError("argument must be list, tuple, or set")
    results = [equals(wanted, one) for one in sequence.raw]
    if any(same.raw is True for same in results):
        return boolean(True)
    return boolean(False) if all(same.is_known for same in results) else unknown(BOOL)


def _coalesce(arguments: Sequence[Value], _host: Host) -> Value:
    common = unify([argument.type for argument in arguments])
    if common is None:
        raise FunctionError("all arguments must have the same type")
    for argument in arguments:
        if not argument.is_known:
            return unknown(common.type)
        if not argument.is_null:
            try:
                return convert(argument, common.type)
            except ConversionError as error:
                raise FunctionError(str(error)) from error
    raise FunctionError("no non-null arguments")


def _coalesce_list(arguments: Sequence[Value], _host: Host) -> Value:
    if not arguments:
        raise FunctionError("at least one argument is required")
    for argument in arguments:
        if not argument.is_known:
            return unknown(DYNAMIC)
        if not isinstance(argument.type, List | Tuple):
            raise FunctionError("coalescelist arguments must be lists or tuples")
    for argument in arguments:
        if argument.raw:
            return argument
    raise FunctionError("no non-null arguments")


def _compact(arguments: Sequence[Value], _host: Host) -> Value:
    (given,) = arguments
    if not is_wholly_known(given):
        return unknown(List(STRING))
    return list_of(STRING, (one for one in given.raw if one.raw))


def _concat(arguments: Sequence[Value], _host: Host) -> Value:
    if not arguments:
        raise FunctionError("at least one argument is required")
    if all(isinstance(argument.type, List) for argument in arguments):
        common = unify([argument.type for argument in arguments])
        if common is not None and isinstance(common.type, List):
            return _concat_lists(arguments, common.type)
    for index, argument in enumerate(arguments):
        if not isinstance(argument.type, List | Tuple):
            given = name(argument.type)
            raise FunctionError(f"all arguments must be lists or tuples; got {given}", index)
    return tuple_of(one for argument in arguments for one in argument.raw)


def _concat_lists(arguments: Sequence[Value], common: List) -> Value:
    elements: list[Value] = []
    for index, argument in enumerate(arguments):
        try:
            elements.extend(convert(argument, common).raw)
        except ConversionError as error:
            raise FunctionError(str(error), index) from error
    return list_of(common.element, elements)


def _distinct(arguments: Sequence[Value], _host: Host) -> Value:
    (given,) = arguments
    if not is_wholly_known(given):
        return unknown(given.type)
    return Value(given.type, tuple(dict.fromkeys(given.raw)))


def _chunk_list(arguments: Sequence[Value], _host: Host) -> Value:
    given, size_value = arguments
    size = int_argument(size_value, prefix="invalid size: ")
    if size < 0:
        raise FunctionError("the size argument must be positive")
    elements = given.raw
    step = size or max(len(elements), 1)
    chunks = [Value(given.type, elements[start : start + step]) for start in range(0, len(elements), step)]
    return list_of(given.type, chunks)


def _flatten(arguments: Sequence[Value], _host: Host) -> Value:
    (given,) = arguments
    if not is_wholly_known(given):
        return unknown(DYNAMIC)
    if not isinstance(given.type, List | Set | Tuple):
        raise FunctionError("can only flatten lists, sets and tuples")
    return tuple_of(_flat(given))


def _flat(given: Value) -> list[Value]:
    flat: list[Value] = []
    waiting = list(reversed(given.raw))
    while waiting:
        one = waiting.pop()
        if not one.is_null and isinstance(one.type, List | Set | Tuple):
            waiting.extend(reversed(one.raw))
        else:
            flat.append(one)
    return flat


def _range(arguments: Sequence[Value], _host: Host) -> Value:
    given: list[Number] = [argument.raw for argument in arguments]
    if not 1 <= len(given) <= 3:
        raise FunctionError("must have one, two, or three arguments")
    start, end = (numbers.from_float(0.0), given[0]) if len(given) == 1 else given[:2]
    step = given[2] if len(given) == 3 else numbers.integer(-1 if end < start else 1)
    down = step.sign < 0
    if down and start < end:
        raise FunctionError("end must be less than start when step is negative", 1)
    if not down and end < start:
        raise FunctionError("end must be greater than start when step is positive", 1)
    found: list[Value] = []
    while (end < start if down else start < end) and start != end:
        if len(found) >= RANGE_LIMIT:
            raise FunctionError(
                f"more than {RANGE_LIMIT} values were generated; either decrease the difference between start"
                " and end or use a smaller step"
            )
        found.append(Value(NUMBER, start))
        start += step
    return list_of(NUMBER, found)


def _reverse_list(arguments: Sequence[Value], _host: Host) -> Value:
    (given,) = arguments
    if isinstance(given.type, Tuple):
        return tuple_of(reversed(given.raw))
    if not isinstance(given.type, List | Set):
        raise FunctionError(f"can only reverse list or tuple values, not {name(given.type)}", 0)
    return list_of(given.type.element, reversed(given.raw))


def _slice(arguments: Sequence[Value], _host: Host) -> Value:
    sequence = arguments[0]
    if isinstance(sequence.type, Set):
        raise FunctionError(
            "cannot slice a set, because its elements do not have indices; explicitly convert to a list if"
            " the ordering of the result is not important",
            0,
        )
    if not isinstance(sequence.type, List | Tuple):
        raise FunctionError("must be a list or tuple value", 0)
    start, end = (
        _slice_index(arguments, number, word, len(sequence.raw))
        for number, word in ((1, "start"), (2, "end"))
    )
    if start > end:
        raise FunctionError("start index must not be greater than end index", 1)
    part = sequence.raw[start:end]
    return tuple_of(part) if isinstance(sequence.type, Tuple) else Value(sequence.type, part)


def _slice_index(arguments: Sequence[Value], number: int, word: str, length: int) -> int:
    place = int_argument(arguments[number], number, f"invalid {word} index: ")
    if place < 0:
        raise FunctionError(f"{word} index must not be less than zero", number)
    if place > length:
        raise FunctionError(f"{word} index must not be greater than the length of the list", number)
    return place


_LIST: Final = Parameter("list")
FUNCTIONS: Final = {
    "chunklist": Function(_chunk_list, (Parameter("list", _ANY_LIST), Parameter("size", NUMBER))),
    "coalesce": Function(
        _coalesce, rest=Parameter("vals", allow_null=True, allow_unknown=True, allow_dynamic=True)
    ),
    "coalescelist": Function(
        _coalesce_list, rest=Parameter("vals", allow_null=True, allow_unknown=True, allow_dynamic=True)
    ),
    "compact": Function(_compact, (Parameter("list", List(STRING)),), returns=List(STRING)),
    "concat": Function(_concat, rest=Parameter("seqs")),
    "contains": Function(_contains, (_LIST, Parameter("value")), returns=BOOL),
    "distinct": Function(_distinct, (Parameter("list", _ANY_LIST),)),
    "element": Function(_element, (_LIST, Parameter("index", NUMBER))),
    "flatten": Function(_flatten, (_LIST,)),
    "hasindex": Function(
        _has_index,
        (Parameter("collection", allow_dynamic=True), Parameter("key", allow_dynamic=True)),
        returns=BOOL,
    ),
    "index": Function(_index, (Parameter("collection"), Parameter("key", allow_dynamic=True))),
    "indexof": Function(_index_of, (_LIST, Parameter("value")), returns=NUMBER),
    "length": Function(
        _length, (Parameter("collection", allow_unknown=True, allow_dynamic=True),), returns=NUMBER
    ),
    "range": Function(_range, rest=Parameter("params", NUMBER), returns=List(NUMBER)),
    "reverselist": Function(_reverse_list, (_LIST,)),
    "slice": Function(_slice, (_LIST, Parameter("start_index", NUMBER), Parameter("end_index", NUMBER))),
}
