"""What a built-in function is: its parameters, and what it does with their values.

The caller counts the arguments, evaluates them and converts each to its parameter's type, because it
knows their places; `Function.call` does the rest of cty's checks and runs the body.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from bake.evaluate.types import DYNAMIC, Type
from bake.evaluate.values import UNKNOWN, Value, unknown
from bake.record import record

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bake.host import Host


class FunctionError(ValueError):
    """The call failed: the reference's words without a full stop, and the index of the argument that is
    to blame, None when it is the call as a whole."""

    def __init__(self, message: str, argument: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.argument = argument


class Takes(Enum):
    """What an argument is handed over as."""

    VALUE = "value"
    EXPRESSION = "expression"
    """Not evaluated: `can` and `try`, which the evaluator of expressions runs itself."""
    TYPE = "type"
    """A type constraint: `convert`."""


@record
class Parameter:
    """`allow_dynamic` lets in untyped nulls and values of unknown type, see cty's function.Parameter."""

    name: str
    type: Type = DYNAMIC
    allow_null: bool = False
    allow_unknown: bool = False
    allow_dynamic: bool = False
    takes: Takes = Takes.VALUE


@record
class Function:
    """`rest` takes all arguments behind the `parameters`. `returns` is the type of the result as far as
    it is known before the call; it serves unknown results only.

    `body` takes the values (never null or unknown unless the parameter allows it) and the host, and gives
    the result or raises FunctionError.
    """

    body: Callable[[Sequence[Value], Host], Value]
    parameters: tuple[Parameter, ...] = ()
    rest: Parameter | None = None
    returns: Type = DYNAMIC

    def parameter(self, index: int) -> Parameter | None:
        """What the argument of that index is for; None when there are too many."""
        return self.parameters[index] if index < len(self.parameters) else self.rest

    def call(self, arguments: Sequence[Value], host: Host) -> Value:
        """The result; arguments must be of the right number and type already."""
        known = True
        for index, value in enumerate(arguments):
            parameter = self.parameter(index)
            if parameter is None:
                raise FunctionError("too many arguments", index)
            if value.raw is None and not parameter.allow_null:
                raise FunctionError("argument must not be null", index)
            if value.type == DYNAMIC and not parameter.allow_dynamic:
                return unknown(self.returns)
            if value.raw is UNKNOWN and not parameter.allow_unknown:
                known = False
        return self.body(arguments, host) if known else unknown(self.returns)
