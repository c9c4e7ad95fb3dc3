"""Function calls: arguments are evaluated, counted and converted here, where their places are known.

`can` and `try` get expressions instead of values, `convert` a type. Faults and their places are HCL's
(hclsyntax FunctionCallExpr).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bake.evaluate.budget import SpentError
from bake.evaluate.convert import ConversionError, convert
from bake.evaluate.functions.function import Function, FunctionError, Takes
from bake.evaluate.positions import closing_parenthesis, start_span
from bake.evaluate.typeexpr import type_constraint
from bake.evaluate.types import BOOL, DYNAMIC, Capsule, List, Set, Tuple, Type
from bake.evaluate.values import ANY_UNKNOWN, FALSE, TRUE, Value, is_wholly_known, unknown
from bake.evaluate.wording import did_you_mean
from bake.goquote import quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bake.evaluate.frame import Frame
    from bake.evaluate.functions.function import Parameter
    from bake.syntax.tree import Call, Expression

TYPE_CONSTRAINT = Capsule("type constraint")


def call(node: Call, frame: Frame) -> Value:
    """The result of a call; unknown when it, or one of its arguments, is at fault."""
    name = node.name.text
    if frame.world is None:
        detail = "Functions may not be called here."
        return frame.fault("Function calls not allowed", node.span, detail)
    function = frame.world.function(name)
    if function is None:
        return unknown_function(node, frame)
    first = function.parameter(0)
    if first is not None and first.takes is Takes.EXPRESSION:
        return _SPECIAL[name](node, frame)
    return _call(node, function, frame)


def unknown_function(node: Call, frame: Frame) -> Value:
    """Report a call of a function that is not there."""
    name = node.name.text
    hint = did_you_mean(name, frame.world.function_names() if frame.world else ())
    hint = hint or f"Define it: function {quoted(name)} {{ params = [], result = … }}"
    detail = f"There is no function named {quoted(name)}."
    return frame.fault("Call to unknown function", node.name.span, detail, hint)


def _call(node: Call, function: Function, frame: Frame) -> Value:
    faults = len(frame.faults)
    given = _given(node, frame)
    if given is None or not _has_right_count(node, function, given, frame):
        return ANY_UNKNOWN
    arguments = [
        _argument(expression, value, function.parameter(index), frame)
        for index, (expression, value) in enumerate(given)
    ]
    if len(frame.faults) > faults:
        return ANY_UNKNOWN
    return _run(node, function, [expression for expression, _ in given], arguments, frame)


def _given(node: Call, frame: Frame) -> list[tuple[Expression, Value | None]] | None:
    """The arguments, those of a final `...` with their values; None where there is no telling."""
    given: list[tuple[Expression, Value | None]] = [(argument, None) for argument in node.args]
    if not node.expand:
        return given
    final = node.args[-1]
    faults = len(frame.faults)
    value = frame.value(final)
    if len(frame.faults) > faults:
        return None
    if value.type != DYNAMIC and not isinstance(value.type, Tuple | List | Set):
        detail = "The expanding argument (indicated by ...) must be of a tuple, list, or set type."
        frame.fault("Invalid expanding argument value", final.span, detail)
        return None
    if value.is_null:
        detail = "The expanding argument (indicated by ...) must not be null."
        frame.fault("Invalid expanding argument value", final.span, detail)
        return None
    if not value.is_known:
        return None
    return given[:-1] + [(final, element) for element in value.raw]


def _has_right_count(
    node: Call, function: Function, given: Sequence[tuple[Expression, Value | None]], frame: Frame
) -> bool:
    wanted = len(function.parameters)
    name = quoted(node.name.text)
    if len(given) < wanted:
        missing = quoted(function.parameters[len(given)].name)
        least = " at least" if function.rest else ""
        detail = f"Function {name} expects{least} {wanted} argument(s). Missing value for {missing}."
        frame.fault("Not enough function arguments", closing_parenthesis(node), detail, _form(node, function))
        return False
    if len(given) > wanted and function.rest is None:
        extra, value = given[wanted]
        detail = f"Function {name} expects only {wanted} argument(s)."
        span = start_span(extra) if value is None else extra.span
        frame.fault("Too many function arguments", span, detail, _form(node, function))
        return False
    return True


def _form(node: Call, function: Function) -> str:
    """The call as it is written rightly."""
    names = [one.name for one in function.parameters]
    names += [f"{function.rest.name}…"] if function.rest else []
    return f"Write {node.name.text}({', '.join(names)})"


def _argument(
    expression: Expression, value: Value | None, parameter: Parameter | None, frame: Frame
) -> Value:
    if parameter is not None and parameter.takes is Takes.TYPE:
        return Value(TYPE_CONSTRAINT, type_constraint(expression, frame.faults))
    given = frame.value(expression) if value is None else value
    if parameter is None or parameter.type == DYNAMIC:
        return given
    try:
        return convert(given, parameter.type)
    except ConversionError as exc:
        detail = f"Invalid value for {quoted(parameter.name)} parameter: {exc}."
        span = start_span(expression) if value is None else expression.span
        return frame.fault("Invalid function argument", span, detail)


def _run(
    node: Call,
    function: Function,
    expressions: Sequence[Expression],
    arguments: Sequence[Value],
    frame: Frame,
) -> Value:
    assert frame.world is not None
    if not all(value.type == TYPE_CONSTRAINT or is_wholly_known(value) for value in arguments):
        return unknown(function.returns)
    try:
        if arguments and arguments[-1].type == TYPE_CONSTRAINT:
            return _convert(arguments[0], arguments[-1].raw)
        result = function.call(arguments, frame.world.host)
        frame.spend(result.raw)
        return result
    except FunctionError as exc:
        return _failed(node, function, expressions, exc, frame)
    except SpentError:
        frame.world.budget.left = 0
        raise


def _convert(value: Value, wanted: Type) -> Value:
    try:
        return convert(value, wanted)
    except ConversionError as exc:
        raise FunctionError(str(exc), 0) from exc


def _failed(
    node: Call, function: Function, expressions: Sequence[Expression], error: FunctionError, frame: Frame
) -> Value:
    parameter = None if error.argument is None else function.parameter(error.argument)
    if error.argument is None or parameter is None:
        detail = f"Call to function {quoted(node.name.text)} failed: {error.message}."
        return frame.fault("Error in function call", start_span(node), detail)
    inside = error.argument < len(expressions)
    span = start_span(expressions[error.argument]) if inside else node.span
    detail = f"Invalid value for {quoted(parameter.name)} parameter: {error.message}."
    return frame.fault("Invalid function argument", span, detail)


def _can(node: Call, frame: Frame) -> Value:
    if len(node.args) != 1:
        return _wrong_count_of_can(node, frame)
    apart = frame.apart()
    value = apart.value(node.args[0])
    if apart.faults:
        return FALSE
    return TRUE if is_wholly_known(value) else unknown(BOOL)


def _wrong_count_of_can(node: Call, frame: Frame) -> Value:
    if node.args:
        detail = 'Function "can" expects only 1 argument(s).'
        return frame.fault("Too many function arguments", start_span(node.args[1]), detail)
    detail = 'Function "can" expects 1 argument(s). Missing value for "expression".'
    return frame.fault("Not enough function arguments", closing_parenthesis(node), detail)


def _try(node: Call, frame: Frame) -> Value:
    told: list[str] = []
    for argument in node.args:
        apart = frame.apart()
        value = apart.value(argument)
        if not apart.faults:
            return value if is_wholly_known(value) else ANY_UNKNOWN
        told += [f"- {fault.summary} (at {fault.span})\n  {fault.detail}\n" for fault in apart.faults]
    if not node.args:
        reason = "at least one argument is required"
    else:
        reason = (
            f"no expression succeeded:\n{''.join(told)}\n"
            "At least one expression must produce a successful result"
        )
    detail = f'Call to function "try" failed: {reason}.'
    return frame.fault("Error in function call", start_span(node), detail)


_SPECIAL: dict[str, Callable[[Call, Frame], Value]] = {"can": _can, "try": _try}
