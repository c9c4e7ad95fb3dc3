"""Sets: membership, union and its kin, the Cartesian product."""

from __future__ import annotations

import math
from itertools import product
from typing import TYPE_CHECKING, Any, Final

from bake.evaluate.convert import ConversionError, convert, unify
from bake.evaluate.functions.function import Function, FunctionError, Parameter
from bake.evaluate.types import BOOL, DYNAMIC, List, Set, Tuple, Type
from bake.evaluate.values import Value, boolean, is_wholly_known, list_of, set_of, unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bake.host import Host

_ANY_SET: Final = Set(DYNAMIC)
PRODUCT_LIMIT: Final = 1024 * 1024
"""The most combinations that `setproduct` gives. The reference has no bound."""


def _has_element(arguments: Sequence[Value], _host: Host) -> Value:
    given, wanted = arguments
    if given.type == DYNAMIC:
        return unknown(BOOL)
    return boolean(wanted in given.raw)


def _operation(combine: Callable[[dict[Value, None], dict[Value, None]], Any]) -> Callable[..., Value]:
    def body(arguments: Sequence[Value], _host: Host) -> Value:
        if not all(map(is_wholly_known, arguments)):
            return unknown(_ANY_SET)
        wanted = _common_set(arguments)
        elements: dict[Value, None] | None = None
        for index, argument in enumerate(arguments):
            try:
                others = dict.fromkeys(convert(argument, wanted).raw)
            except ConversionError as error:
                raise FunctionError(str(error), index) from error
            elements = others if elements is None else dict.fromkeys(combine(elements, others))
        return set_of(wanted.element, elements or ())

    return body


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
        raise FunctionError("given sets must all have compatible element types")
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


def _sets(combine: Callable[[dict[Value, None], dict[Value, None]], Any]) -> Function:
    first, others = (Parameter(one, _ANY_SET, allow_dynamic=True) for one in ("first_set", "other_sets"))
    return Function(_operation(combine), (first,), others, _ANY_SET)


FUNCTIONS: Final = {
    "sethaselement": Function(
        _has_element,
        (Parameter("set", _ANY_SET, allow_dynamic=True), Parameter("elem", allow_dynamic=True)),
        returns=BOOL,
    ),
    "setintersection": _sets(lambda one, two: one.keys() & two.keys()),
    "setproduct": Function(_set_product, rest=Parameter("sets", allow_unknown=True)),
    "setsubtract": Function(
        _operation(lambda one, two: one.keys() - two.keys()),
        (Parameter("a", _ANY_SET, allow_dynamic=True), Parameter("b", _ANY_SET, allow_dynamic=True)),
        returns=_ANY_SET,
    ),
    "setsymmetricdifference": _sets(lambda one, two: one.keys() ^ two.keys()),
    "setunion": _sets(lambda one, two: one | two),
}
