"""Evaluating: the table from kinds of nodes to what they do, and the plain kinds.

`evaluate` takes an expression with its surroundings and gives a value and faults; nothing is raised
for a faulty expression (see `frame`). Semantics, wording and places are HCL's (hclsyntax, ops.go).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bake.evaluate import calls, conditionals, loops, operators, templates
from bake.evaluate.budget import SpentError
from bake.evaluate.convert import ConversionError, convert
from bake.evaluate.frame import Frame
from bake.evaluate.number import parse
from bake.evaluate.operators import AccessError, OperationError
from bake.evaluate.positions import brackets
from bake.evaluate.types import DYNAMIC, STRING
from bake.evaluate.values import (
    ANY_UNKNOWN,
    NULL,
    Value,
    boolean,
    number,
    object_of,
    string,
    tuple_of,
    unknown,
)
from bake.evaluate.wording import did_you_mean
from bake.goquote import quoted
from bake.syntax import tree

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bake.errors import BakeError
    from bake.evaluate.frame import Scope, World
    from bake.evaluate.operators import Operator
    from bake.source import Span


def frame(scope: Scope | None, world: World | None, faults: list[BakeError]) -> Frame:
    """Surroundings for expressions; without a scope and a world only constants are allowed."""
    return Frame(_EVALUATORS, scope, world, faults)


MAX_DEPTH = 100
"""How deeply lists and maps of a value may nest: room for recursion over any value."""
MAX_ELEMENTS = 1_000_000
"""How many values a value may hold, those inside of others counted wherever they stand."""


def evaluate(expression: tree.Expression, within: Frame) -> Value:
    """The value of a whole expression. One that is nested too deeply, in itself or with the functions it
    calls or the values it refers to, is a fault."""
    try:
        value = within.value(expression)
    except RecursionError:
        detail = "The expression, with the functions it calls, is nested too deeply to be evaluated."
        return within.fault("Expression too deep", expression.span, detail)
    except SpentError:
        detail = "The definition's loops and calls make more than can be worked out in reasonable time."
        return within.fault("Too much to evaluate", expression.span, detail)
    return bounded(value, expression, within)


def bounded(value: Value, expression: tree.Expression, within: Frame) -> Value:
    """`value`, or a fault of the expression it comes from when it nests too deeply or holds too much."""
    told = _oversize(value)
    return value if told is None else within.fault(told[0], expression.span, told[1])


def _oversize(value: Value) -> tuple[str, str] | None:
    """The summary and detail of the fault that a value is which nests too deeply or holds too much."""
    level = {id(value): (value, 1)}
    total = 0
    for _ in range(MAX_DEPTH):
        inner: dict[int, tuple[Value, int]] = {}
        for one, times in level.values():
            raw = one.raw
            if type(raw) is tuple or type(raw) is dict:
                total += times * len(raw)
                for held in raw.values() if type(raw) is dict else raw:
                    known = inner.get(id(held))
                    inner[id(held)] = (held, times + known[1] if known else times)
        if not inner:
            return None
        if total > MAX_ELEMENTS:
            return "Value too large", f"A value may hold {MAX_ELEMENTS:,} others."
        level = inner
    return "Value too deep", f"The lists and maps of a value may nest {MAX_DEPTH} levels deep."


def _literal(node: tree.Literal, frame: Frame) -> Value:
    value = node.value
    if isinstance(value, tree.NumberText):
        return _number(value, node.span, frame)
    if isinstance(value, str):
        return string(value)
    return NULL if value is None else boolean(value)


def _number(text: str, span: Span, frame: Frame) -> Value:
    parsed = parse(text)
    if parsed is None:
        return frame.fault(
            "Invalid number literal", span, f"{quoted(text)} is too large or too small a number."
        )
    return number(parsed)


def _parens(node: tree.Parens, frame: Frame) -> Value:
    return frame.value(node.inner)


def _tuple(node: tree.TupleCons, frame: Frame) -> Value:
    return tuple_of([frame.value(item) for item in node.items])


def _object(node: tree.ObjectCons, frame: Frame) -> Value:
    found: dict[str, Value] = {}
    is_known = True
    for item in node.items:
        key = _key(item, frame)
        value = frame.value(item.value)
        if key is None:
            is_known = False
        else:
            found[key] = value
    return object_of(found) if is_known else ANY_UNKNOWN


def _key(item: tree.ObjectItem, frame: Frame) -> str | None:
    node = item.key
    if type(node) is tree.Literal and type(node.value) is str:
        return node.value
    if not item.forced and isinstance(node, tree.ScopeTraversal) and node.steps:
        frame.fault("Ambiguous attribute key", node.span, _AMBIGUOUS_KEY)
        return None
    value = frame.value(node)
    if value.is_null:
        frame.fault("Null value as key", item.value.span, "Can't use a null value as a key.")
        return None
    if not value.is_known:
        return None
    try:
        key: str = convert(value, STRING).raw
    except ConversionError as exc:
        frame.fault("Incorrect key type", node.span, f"Can't use this value as a key: {exc}.")
        return None
    return key


_AMBIGUOUS_KEY = (
    "If this expression is intended to be a reference, wrap it in parentheses. If it's instead intended as a "
    "literal name containing periods, wrap it in quotes to create a string literal."
)


def _scope_traversal(node: tree.ScopeTraversal, frame: Frame) -> Value:
    name = node.root.text
    if frame.scope is None:
        return frame.fault("Variables not allowed", node.root.span, "Variables may not be used here.")
    value = frame.scope.find(name)
    if value is not None:
        return _follow(value, node.steps, frame) if node.steps else value
    blocks = frame.world.block_names(name) if frame.world else None
    if blocks is not None:
        return _block(node, blocks, frame)
    return unknown_name(node, frame)


def unknown_name(node: tree.ScopeTraversal, frame: Frame) -> Value:
    """Report a name that nothing declares."""
    name = node.root.text
    known = {
        *(frame.scope.names() if frame.scope else ()),
        *(frame.world.global_names() if frame.world else ()),
    }
    hint = (
        did_you_mean(name, known) or f"Declare it: variable {quoted(name)} {{}}, or put quotes around a text"
    )
    detail = f"There is no variable named {quoted(name)}."
    return frame.fault("Unknown variable", node.root.span, detail, hint)


def _block(node: tree.ScopeTraversal, names: Sequence[str], frame: Frame) -> Value:
    step = node.steps[0] if node.steps else None
    if not isinstance(step, tree.AttrStep):  # which is a fault that the resolution of names reports
        return ANY_UNKNOWN
    if not names:
        return unknown_name(node, frame)
    value = frame.world.block(node.root.text, step.name) if frame.world else None
    if value is None:
        detail = f"This object does not have an attribute named {quoted(step.name)}."
        return frame.fault("Unsupported attribute", step.span, detail, did_you_mean(step.name, names))
    return _follow(value, node.steps[1:], frame)


def _relative_traversal(node: tree.RelativeTraversal, frame: Frame) -> Value:
    return _follow(frame.value(node.base), node.steps, frame)


def _follow(value: Value, steps: Sequence[tree.Step], frame: Frame) -> Value:
    for step in steps:
        try:
            value = _step(value, step, frame)
        except AccessError as exc:
            return frame.fault(exc.summary, step.span, exc.detail)
    return value


def _step(value: Value, step: tree.Step, frame: Frame) -> Value:
    if isinstance(step, tree.AttrStep):
        return operators.attribute(value, step.name)
    key = _number(step.key, step.span, frame) if isinstance(step.key, tree.NumberText) else string(step.key)
    return operators.index(value, key)


def _index(node: tree.Index, frame: Frame) -> Value:
    collection, key = frame.value(node.collection), frame.value(node.key)
    try:
        return operators.index(collection, key)
    except AccessError as exc:
        return frame.fault(exc.summary, brackets(node), exc.detail)


def _binary(node: tree.Binary, frame: Frame) -> Value:
    operator = operators.BINARY[node.op]
    left_frame, right_frame = frame.apart(), frame.apart()
    left = _operand(node.left, operator, "left", left_frame, frame)
    right = _operand(node.right, operator, "right", right_frame, frame)
    if left is None or right is None:
        frame.faults += left_frame.faults + right_frame.faults
        return unknown(operator.result)
    settled = _settled(operator, (left, left_frame), (right, right_frame), frame)
    if settled is not None:
        return settled
    frame.faults += left_frame.faults + right_frame.faults
    if left_frame.faults or right_frame.faults:
        return unknown(operator.result)
    return _apply(node, operator, (left, right), frame)


def _operand(
    node: tree.Expression, operator: Operator, side: str, apart: Frame, frame: Frame
) -> Value | None:
    """The operand in the operator's type; None, with the fault told to `frame`, if it has another."""
    value = apart.value(node)
    if operator.operand == DYNAMIC or value.type is operator.operand:
        return value
    try:
        return convert(value, operator.operand)
    except ConversionError as exc:
        frame.fault("Invalid operand", node.span, f"Unsuitable value for {side} operand: {exc}.")
        return None


def _settled(
    operator: Operator, left: tuple[Value, Frame], right: tuple[Value, Frame], frame: Frame
) -> Value | None:
    """The result of && or || where one side settles it; the other side's faults do not count then."""
    if operator.decisive is None:
        return None
    for value, side in (left, right):
        if operator.settles(value):
            frame.faults += side.faults
            return operator.decisive
    unknown_sides = [side for value, side in (left, right) if not value.is_known]
    if len(unknown_sides) == 2 and unknown_sides[0].faults:
        return None
    if unknown_sides:
        frame.faults += unknown_sides[0].faults
        return unknown(operator.result)
    return None


def _unary(node: tree.Unary, frame: Frame) -> Value:
    operator = operators.UNARY[node.op]
    faults = len(frame.faults)
    value = _operand(node.operand, operator, "unary", frame, frame)
    if value is None or len(frame.faults) > faults:
        return unknown(operator.result)
    return _apply(node, operator, (value,), frame)


def _apply(
    node: tree.Binary | tree.Unary, operator: Operator, operands: Sequence[Value], frame: Frame
) -> Value:
    try:
        return operator.apply(*operands)
    except OperationError as exc:
        frame.fault("Operation failed", node.span, f"Error during operation: {exc}.")
        return unknown(operator.result)


_EVALUATORS: Mapping[type, Callable[..., Value]] = {
    tree.Literal: _literal,
    tree.Template: templates.template,
    tree.TemplateWrap: templates.template_wrap,
    tree.TemplateFor: templates.template_for,
    tree.ScopeTraversal: _scope_traversal,
    tree.RelativeTraversal: _relative_traversal,
    tree.Index: _index,
    tree.Splat: loops.splat,
    tree.SplatItem: loops.splat_item,
    tree.Call: calls.call,
    tree.Conditional: conditionals.conditional,
    tree.Binary: _binary,
    tree.Unary: _unary,
    tree.Parens: _parens,
    tree.TupleCons: _tuple,
    tree.ObjectCons: _object,
    tree.For: loops.for_expression,
}
