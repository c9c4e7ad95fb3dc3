"""Conditionals: `c ? a : b`.

Both branches are evaluated, since the result has one type whichever is taken: the one that both can
be converted to. Only the faults of the branch that is taken count (hclsyntax ConditionalExpr).
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from bake.evaluate.convert import ConversionError, Unification, convert, unify
from bake.evaluate.positions import between
from bake.evaluate.types import BOOL, DYNAMIC, List, Map, Object, Set, Tuple, Type, name
from bake.evaluate.values import Value, null, unknown
from bake.goquote import quoted

if TYPE_CHECKING:
    from bake.evaluate.frame import Frame
    from bake.syntax.tree import Conditional

_INCONSISTENT = "Inconsistent conditional result types"


def conditional(node: Conditional, frame: Frame) -> Value:
    """The value of the branch taken, in the type that both branches have in common."""
    true_frame, false_frame = frame.apart(), frame.apart()
    true, false = true_frame.value(node.true), false_frame.value(node.false)
    common = _common(true, false)
    if common is None:
        detail = "The true and false result expressions must have consistent types. {}."
        mismatch = _mismatch(true.type, false.type)
        return frame.fault(_INCONSISTENT, between(node.true, node.false), detail.format(mismatch))
    chosen = _condition(node, frame)
    if chosen is None:
        return unknown(common.type)
    which, branch, taken, value = (
        ("true", node.true, true_frame, true) if chosen else ("false", node.false, false_frame, false)
    )
    frame.faults += taken.faults
    try:
        return common.conversions[0 if chosen else 1](value)
    except ConversionError as exc:
        frame.fault(_INCONSISTENT, branch.span, f"The {which} result value has the wrong type: {exc}.")
        return unknown(common.type)


def _common(true: Value, false: Value) -> Unification | None:
    # an untyped null takes the other's type; of an unknown type nothing can be said yet
    if true.type == false.type:
        return Unification(true.type, (_keep, _keep))
    if true.is_null and true.type == DYNAMIC:
        return Unification(false.type, (partial(_typed_null, false.type), _keep))
    if false.is_null and false.type == DYNAMIC:
        return Unification(true.type, (_keep, partial(_typed_null, true.type)))
    if DYNAMIC in (true.type, false.type):
        return Unification(DYNAMIC, (_keep, _keep))
    return unify((true.type, false.type))


def _keep(value: Value) -> Value:
    return value


def _typed_null(wanted: Type, _value: Value) -> Value:
    return null(wanted)


def _condition(node: Conditional, frame: Frame) -> bool | None:
    value = frame.value(node.condition)
    if value.is_null:
        detail = "The condition value is null. Conditions must either be true or false."
        frame.fault("Null condition", node.condition.span, detail)
        return None
    if not value.is_known:
        return None
    try:
        return bool(convert(value, BOOL).raw)
    except ConversionError:
        detail = "The condition expression must be of type bool."
        frame.fault("Incorrect condition type", node.condition.span, detail)
        return None


def _mismatch(true: Type, false: Type) -> str:
    """In words, how two types that have nothing in common differ."""
    told = None
    if isinstance(true, Object) and isinstance(false, Object):
        told = _object_mismatch(true, false)
    elif isinstance(true, Tuple) and isinstance(false, Tuple):
        told = _tuple_mismatch(true, false)
    elif isinstance(true, List | Set | Map) and type(true) is type(false):
        told = _element_mismatch(true, false)
    if told is not None:
        return told
    if name(true) == name(false):
        return (
            "At least one deeply-nested attribute or element is not compatible across both the 'true' and "
            "the 'false' value"
        )
    return f"The 'true' value is {name(true)}, but the 'false' value is {name(false)}"


def _object_mismatch(true: Object, false: Object) -> str | None:
    absent = "The '{}' value includes object attribute {}, which is absent in the '{}' value"
    for key, wanted in sorted(true.attributes.items()):
        if key not in false.attributes:
            return absent.format("true", quoted(key), "false")
        if wanted != false.attributes[key]:
            inner = _mismatch(wanted, false.attributes[key])
            return f"Type mismatch for object attribute {quoted(key)}: {inner}"
    extra = sorted(false.attributes.keys() - true.attributes.keys())
    return absent.format("false", quoted(extra[0]), "true") if extra else None


def _tuple_mismatch(true: Tuple, false: Tuple) -> str | None:
    if len(true.elements) != len(false.elements):
        return (
            f"The 'true' tuple has length {len(true.elements)}, but the 'false' tuple has length "
            f"{len(false.elements)}"
        )
    for index, (one, other) in enumerate(zip(true.elements, false.elements, strict=True)):
        if one != other:
            return f"Type mismatch for tuple element {index}: {_mismatch(one, other)}"
    return None


def _element_mismatch(true: List | Set | Map, false: Type) -> str | None:
    if not isinstance(false, List | Set | Map):
        return None
    one, other = true.element, false.element
    if not (isinstance(one, Object | Tuple) and type(one) is type(other)):
        return None
    noun = type(true).__name__.lower()
    return f"Mismatched {noun} element types: {_mismatch(one, other)}"
