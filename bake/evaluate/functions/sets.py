"""Sets: membership, union and its kin, the Cartesian product."""

from __future__ import annotations

import math
from itertools import product
from typing import TYPE_CHECKING, Final

from bake.evaluate.convert import ConversionError, convert, unify
from bake.evaluate.functions.function import Function, FunctionError, Parameter
from bake.evaluate.types import BOOL, DYNAMIC, List, Set, Tuple, Type
from bake.evaluate.values import Value, boolean, is_wholly_known, list_of, set_key, set_of, unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from bake.host import Host

_ANY_SET: Final = Set(DYNAMIC)
_INCOMPATIBLE: Final = "given sets must all have compatible element types"
PRODUCT_LIMIT: Final = 1024 * 1024
"""The most combinations that `setproduct` gives. The reference has no bound."""


def _has_element(arguments: Sequence[Value], _host: Host) -> Value:
    given, wanted = arguments
    if given.type == DYNAMIC:
        return unknown(BOOL)
    return boolean(set_key(wanted) in map(set_key, given.raw))


_Elements = dict[object, Value]


def _operation(keys: Callable[[_Elements, _Elements], Iterable[object]]) -> Callable[..., Value]:
    """A body that folds `keys`, the keys to keep of two sets, over all its arguments."""

    def body(arguments: Sequence[Value], _host: Host) -> Value:
        if not all(map(is_wholly_known, arguments)):
            return unknown(_ANY_SET)
        sets = _converted(arguments)
        elements = _elements(sets[0])
        for one in sets[1:]:
            others = _elements(one)
            both = others | elements
            elements = {key: both[key] for key in keys(elements, others)}
        return set_of(_element_type(sets), elements.values())

    return body


def _converted(arguments: Sequence[Value]) -> list[Value]:
    """The arguments as sets of one type, as far as untyped nulls in them let there be one."""
    wanted = _common_set(arguments)
    sets: list[Value] = []
    for index, argument in enumerate(arguments):
        try:
            sets.append(convert(argument, wanted))
        except ConversionError as error:
            raise FunctionError(str(error), index) from error
    return sets


def _element_type(sets: Sequence[Value]) -> Type:
    found = {one.type.element for one in sets if isinstance(one.type, Set)} - {DYNAMIC}
    if len(found) > 1:
        raise FunctionError(_INCOMPATIBLE)
    return next(iter(found), DYNAMIC)


def _elements(one: Value) -> _Elements:
    return {set_key(element): element for element in one.raw}


def _common_set(arguments: Sequence[Value]) -> Set:
    elements: list[Type] = []
    for argument in arguments:
        match argument.type:
            case Set(element=element) if argument.raw or element != DYNAMIC:
                elements.append(element)
    if not elements:
        return _ANY_SET
    common = unify(elements)
    if common is None:
        raise FunctionError(_INCOMPATIBLE)
    return Set(common.type)


def _set_product(arguments: Sequence[Value], _host: Host) -> Value:
    if len(arguments) < 2:
        raise FunctionError("at least two arguments are required")
    types = [_product_element(index, argument) for index, argument in enumerate(arguments)]
    ordered = not any(isinstance(argument.type, Set) for argument in arguments)
    combination = Tuple(tuple(types))
    if not all(map(is_wholly_known, arguments)):
        return unknown(List(combination) if ordered else Set(combination))
    if math.prod(len(argument.raw) for argument in arguments) > PRODUCT_LIMIT:
        raise FunctionError(f"the product has more than {PRODUCT_LIMIT} elements")
    columns = [
        [convert(one, type_) for one in argument.raw]
        for argument, type_ in zip(arguments, types, strict=True)
    ]
    combinations = (Value(combination, row) for row in product(*columns))
    return list_of(combination, combinations) if ordered else set_of(combination, combinations)


def _product_element(index: int, argument: Value) -> Type:
    match argument.type:
        case List(element=element) | Set(element=element):
            return element
        case Tuple(elements=()):
            return DYNAMIC
        case Tuple(elements=elements):
            common = unify(elements)
            if common is None:
                raise FunctionError("all elements must be of the same type", index)
            return common.type
    raise FunctionError("a set or a list is required", index)


def _sets(keys: Callable[[_Elements, _Elements], Iterable[object]]) -> Function:
    first, others = (Parameter(one, _ANY_SET, allow_dynamic=True) for one in ("first_set", "other_sets"))
    return Function(_operation(keys), (first,), others, _ANY_SET)


FUNCTIONS: Final = {
    "sethaselement": Function(
        _has_element,
        (Parameter("set", _ANY_SET, allow_dynamic=True), Parameter("elem", allow_dynamic=True)),
        returns=BOOL,
    ),
    "setintersection": _sets(lambda one, two: [key for key in one if key in two]),
    "setproduct": Function(_set_product, rest=Parameter("sets", allow_unknown=True)),
    "setsubtract": Function(
        _operation(lambda one, two: [key for key in one if key not in two]),
        (Parameter("a", _ANY_SET, allow_dynamic=True), Parameter("b", _ANY_SET, allow_dynamic=True)),
        returns=_ANY_SET,
    ),
    "setsymmetricdifference": _sets(
        lambda one, two: [key for key in one | two if (key in one) is not (key in two)]
    ),
    "setunion": _sets(lambda one, two: one | two),
}
