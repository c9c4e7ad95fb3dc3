"""Arithmetic, comparison and logic by name, rounding, powers and logarithms."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from bake.evaluate import number as numbers
from bake.evaluate import operators
from bake.evaluate.functions.arguments import float_argument, int_argument
from bake.evaluate.functions.function import Function, FunctionError, Parameter
from bake.evaluate.number import NotANumberError, Number
from bake.evaluate.types import DYNAMIC, NUMBER, STRING, name
from bake.evaluate.values import Value, whole

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bake.evaluate.operators import Operator
    from bake.host import Host


def _operator(operator: Operator, *names: str, nullable: bool = False) -> Function:
    def body(arguments: Sequence[Value], _host: Host) -> Value:
        try:
            return operator.apply(*arguments)
        except operators.OperationError as error:
            raise FunctionError(str(error)) from error

    parameters = (
        Parameter(one, operator.operand, allow_null=nullable, allow_unknown=nullable, allow_dynamic=True)
        for one in names
    )
    return Function(body, tuple(parameters), returns=operator.result)


def _unary(compute: Callable[[Number], Number], *, dynamic: bool = False) -> Function:
    def body(arguments: Sequence[Value], _host: Host) -> Value:
        return Value(NUMBER, compute(arguments[0].raw))

    return Function(body, (Parameter("num", NUMBER, allow_dynamic=dynamic),), returns=NUMBER)


def _extreme(start: Number, better: Callable[[Number, Number], bool]) -> Function:
    def body(arguments: Sequence[Value], _host: Host) -> Value:
        if not arguments:
            raise FunctionError("must pass at least one number")
        best = start
        for argument in arguments:
            if better(argument.raw, best):
                best = argument.raw
        return Value(NUMBER, best)

    return Function(body, rest=Parameter("numbers", NUMBER, allow_dynamic=True), returns=NUMBER)


def _from_float(value: float) -> Value:
    try:
        return Value(NUMBER, numbers.from_float(value))
    except NotANumberError as error:
        raise FunctionError("the result is not a number") from error


def _truncated(number: Number) -> Number:
    if number.infinite:
        raise FunctionError("can't truncate infinity to an integer")
    return numbers.truncated(number)


def _log(arguments: Sequence[Value], _host: Host) -> Value:
    from bake.evaluate.functions.powers import logarithm

    value, base = (logarithm(float_argument(argument)) for argument in arguments)
    if math.isinf(value) and math.isinf(base):
        return _from_float(math.nan)
    if not base:
        return _from_float(math.copysign(math.inf, base) * value if value else math.nan)
    return _from_float(value / base)


def _pow(arguments: Sequence[Value], _host: Host) -> Value:
    from bake.evaluate.functions.powers import power

    return _from_float(power(float_argument(arguments[0]), float_argument(arguments[1])))


def _signum(arguments: Sequence[Value], _host: Host) -> Value:
    value = int_argument(arguments[0])
    return whole((value > 0) - (value < 0))


def _parse_int(arguments: Sequence[Value], _host: Host) -> Value:
    text, base_value = arguments
    if text.type != STRING:
        raise FunctionError(f"first argument must be a string, not {name(text.type)}", 0)
    base = int_argument(base_value, 1)
    if not 2 <= base <= 62:
        raise FunctionError("base must be a whole number between 2 and 62 inclusive", 1)
    parsed = _read_int(text.raw, base)
    if parsed is None:
        from bake.goquote import quoted

        raise FunctionError(f"cannot parse {quoted(text.raw)} as a base {base} integer", 0)
    return whole(parsed)


_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


def _read_int(text: str, base: int) -> int | None:
    digits = text[1:] if text[:1] in ("+", "-") else text
    if base <= 36:
        digits = digits.lower()
    if not digits:
        return None
    allowed = set(_DIGITS[:base])
    if not allowed.issuperset(digits):
        return None
    size = _digits_value([_DIGITS.index(digit) for digit in digits], base)
    return -size if text.startswith("-") else size


def _digits_value(digits: list[int], base: int) -> int:
    # halving keeps long texts from costing the square of their length
    if len(digits) <= 64:
        value = 0
        for digit in digits:
            value = value * base + digit
        return value
    half = len(digits) // 2
    scale: int = base ** (len(digits) - half)
    return _digits_value(digits[:half], base) * scale + _digits_value(digits[half:], base)


FUNCTIONS: Final = {
    "absolute": _unary(abs, dynamic=True),
    "add": _operator(operators.ADD, "a", "b"),
    "and": _operator(operators.AND, "a", "b"),
    "ceil": _unary(numbers.ceil),
    "divide": _operator(operators.DIVIDE, "a", "b"),
    "equal": _operator(operators.EQUAL, "a", "b", nullable=True),
    "floor": _unary(numbers.floor),
    "greaterthan": _operator(operators.GREATER, "a", "b"),
    "greaterthanorequalto": _operator(operators.GREATER_OR_EQUAL, "a", "b"),
    "int": _unary(_truncated, dynamic=True),
    "lessthan": _operator(operators.LESS, "a", "b"),
    "lessthanorequalto": _operator(operators.LESS_OR_EQUAL, "a", "b"),
    "log": Function(_log, (Parameter("num", NUMBER), Parameter("base", NUMBER)), returns=NUMBER),
    "max": _extreme(numbers.infinity(True), lambda one, best: one.compare(best) > 0),
    "min": _extreme(numbers.infinity(), lambda one, best: one.compare(best) < 0),
    "modulo": _operator(operators.MODULO, "a", "b"),
    "multiply": _operator(operators.MULTIPLY, "a", "b"),
    "negate": _operator(operators.NEGATE, "num"),
    "not": _operator(operators.NOT, "val"),
    "notequal": _operator(operators.NOT_EQUAL, "a", "b", nullable=True),
    "or": _operator(operators.OR, "a", "b"),
    "parseint": Function(
        _parse_int, (Parameter("number", DYNAMIC), Parameter("base", NUMBER)), returns=NUMBER
    ),
    "pow": Function(_pow, (Parameter("num", NUMBER), Parameter("power", NUMBER)), returns=NUMBER),
    "signum": Function(_signum, (Parameter("num", NUMBER),), returns=NUMBER),
    "subtract": _operator(operators.SUBTRACT, "a", "b"),
}
