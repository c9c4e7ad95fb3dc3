"""`for` expressions and splats.

Takes nodes and the frame they stand in, gives tuples, lists and objects. Wording, order of checks and
what is unknown when are HCL's (hclsyntax ForExpr and SplatExpr).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bake.evaluate.convert import ConversionError, convert
from bake.evaluate.types import BOOL, DYNAMIC, STRING, List, Map, Object, Set, Tuple, Type, name
from bake.evaluate.values import (
    ANY_UNKNOWN,
    Value,
    common_type,
    list_of,
    object_of,
    string,
    tuple_of,
    unknown,
    whole,
)
from bake.goquote import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bake.evaluate.frame import Frame
    from bake.syntax.tree import Expression, For, Splat, SplatItem, TemplateFor

EMPTY_TUPLE = tuple_of(())


def for_expression(node: For, frame: Frame) -> Value:
    """The tuple or object that a `for` makes; unknown if one of its elements cannot be told."""
    collection = collection_of(node, frame)
    if not collection.is_known or not _condition_is_sound(node, frame):
        return ANY_UNKNOWN
    rounds = _chosen(node, frame, collection)
    if node.key_expr is None:
        return _tuple(node, rounds)
    return _object(node, node.key_expr, rounds)


def collection_of(node: For | TemplateFor, frame: Frame) -> Value:
    """What a loop goes over; unknown when it is not known or cannot be gone over."""
    value = frame.value(node.collection)
    if value.is_null:
        detail = "A null value cannot be used as the collection in a 'for' expression."
        return frame.fault("Iteration over null value", node.collection.span, detail)
    if value.type != DYNAMIC and not isinstance(value.type, List | Set | Tuple | Map | Object):
        detail = f"A value of type {name(value.type)} cannot be used as the collection in a 'for' expression."
        return frame.fault("Iteration over non-iterable value", node.collection.span, detail)
    return value


def rounds_of(node: For | TemplateFor, frame: Frame, collection: Value) -> Iterator[Frame]:
    """The frames of a loop's rounds, with its names set."""
    key_name = node.key.text if node.key else None
    for key, value in elements(collection):
        frame.spend()
        names = {node.value.text: value} if key_name is None else {key_name: key, node.value.text: value}
        yield frame.within(names)


def elements(collection: Value) -> Iterator[tuple[Value, Value]]:
    """Keys and values in cty's order: a set's elements are their own keys."""
    if isinstance(collection.type, Map | Object):
        yield from ((string(key), value) for key, value in collection.raw.items())
    elif isinstance(collection.type, Set):
        yield from ((value, value) for value in collection.raw)
    else:
        yield from ((whole(index), value) for index, value in enumerate(collection.raw))


def splat(node: Splat, frame: Frame) -> Value:
    """`base[*]…`: a list for lists and sets, else a tuple; a single value counts as a tuple of it."""
    faults = len(frame.faults)
    source = frame.value(node.base)
    if len(frame.faults) > faults:
        return ANY_UNKNOWN
    is_sequence = isinstance(source.type, Tuple | List | Set)
    if source.is_null:
        if not is_sequence:
            return EMPTY_TUPLE
        detail = "Splat expressions (with the * symbol) cannot be applied to null sequences."
        return frame.fault("Splat of null value", node.base.span, detail)
    if source.type == DYNAMIC or not source.is_known:
        return ANY_UNKNOWN
    return _splat_each(node, frame, source if is_sequence else tuple_of((source,)))


def splat_item(_node: SplatItem, frame: Frame) -> Value:
    return frame.item


def _splat_each(node: Splat, frame: Frame, source: Value) -> Value:
    faults = len(frame.faults)
    frame.spend(source.raw)
    results = [frame.at(item).value(node.each) for item in source.raw]
    if len(frame.faults) > faults:
        return ANY_UNKNOWN
    if not isinstance(source.type, List | Set):
        return tuple_of(results)
    if not results:
        return list_of(_element_type(node, frame, source.type.element), ())
    element = common_type(results)
    if element is None:
        return frame.fault("Invalid nested splat expressions", node.each.span, _NESTED_SPLAT)
    return list_of(element, results)


_NESTED_SPLAT = (
    "The second level of splat expression produced elements of different types, so it isn't possible to "
    "construct a valid list to represent the top-level result.\n\nConsider using a for expression instead, "
    "to produce a tuple-typed result which can therefore have non-homogenous element types."
)


def _element_type(node: Splat, frame: Frame, element: Type) -> Type:
    # the type of an empty list's elements is found by trying an unknown one
    return frame.at(unknown(element)).value(node.each).type


def _condition_is_sound(node: For, frame: Frame) -> bool:
    # HCL first tries the condition on unknown elements: a fault that all elements share is told once
    if node.condition is None:
        return True
    names = [node.value.text] if node.key is None else [node.key.text, node.value.text]
    faults = len(frame.faults)
    trial = frame.within(dict.fromkeys(names, ANY_UNKNOWN))
    verdict = trial.value(node.condition)
    if verdict.is_null:
        _null_condition(node.condition, frame, "Condition is null")
    else:
        _as_bool(node.condition, verdict, frame)
    return len(frame.faults) == faults


def _chosen(node: For, frame: Frame, collection: Value) -> Iterator[Frame | None]:
    """The rounds that the condition lets through; None for those where it cannot be told."""
    if node.condition is None:
        yield from rounds_of(node, frame, collection)
        return
    told = False
    for inner in rounds_of(node, frame, collection):
        verdict = _verdict(node.condition, inner.apart() if told else inner)
        if verdict is None:
            told = True
            yield None
        elif verdict:
            yield inner


def _verdict(condition: Expression, frame: Frame) -> bool | None:
    value = frame.value(condition)
    if value.is_null:
        _null_condition(condition, frame, "Invalid 'for' condition")
        return None
    if not value.is_known:
        return None
    flag = _as_bool(condition, value, frame)
    return None if flag is None else bool(flag.raw)


def _null_condition(condition: Expression, frame: Frame, summary: str) -> None:
    frame.fault(summary, condition.span, "The value of the 'if' clause must not be null.")


def _as_bool(condition: Expression, value: Value, frame: Frame) -> Value | None:
    try:
        return convert(value, BOOL)
    except ConversionError as exc:
        frame.fault("Invalid 'for' condition", condition.span, f"The 'if' clause value is invalid: {exc}.")
        return None


def _tuple(node: For, rounds: Iterator[Frame | None]) -> Value:
    results = [inner.value(node.value_expr) if inner else None for inner in rounds]
    known = [one for one in results if one is not None]
    return tuple_of(known) if len(known) == len(results) else ANY_UNKNOWN


def _object(node: For, key_expr: Expression, rounds: Iterator[Frame | None]) -> Value:
    found: dict[str, list[Value]] = {}
    is_known = True
    for inner in rounds:
        key = None if inner is None else _key(key_expr, inner if is_known else inner.apart())
        if inner is None or key is None:
            is_known = False
            continue
        held = found.setdefault(key, [])
        held.append(inner.value(node.value_expr))
        if len(held) > 1 and not node.group:
            inner.fault("Duplicate object key", key_expr.span, _DUPLICATE_KEY.format(quoted(key)))
    if not is_known:
        return ANY_UNKNOWN
    if node.group:
        return object_of({key: tuple_of(held) for key, held in found.items()})
    return object_of({key: held[0] for key, held in found.items()})


_DUPLICATE_KEY = (
    "Two different items produced the key {} in this 'for' expression. If duplicates are expected, use the "
    "ellipsis (...) after the value expression to enable grouping by key."
)


def _key(key_expr: Expression, frame: Frame) -> str | None:
    value = frame.value(key_expr)
    if value.is_null:
        detail = "Key expression in 'for' expression must not produce a null value."
        frame.fault("Invalid object key", key_expr.span, detail)
        return None
    if not value.is_known:
        return None
    try:
        key: str = convert(value, STRING).raw
    except ConversionError as exc:
        frame.fault(
            "Invalid object key", key_expr.span, f"The key expression produced an invalid result: {exc}."
        )
        return None
    return key
