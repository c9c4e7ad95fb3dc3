"""Functions that the files define: `params`, `variadic_params` and `result`.

Takes a `function` block, gives a Function like a built-in one whose body evaluates `result` with the
arguments in reach. Parameters take any value but null. Wording is buildx's and HCL's (util/userfunc).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bake.evaluate import expressions
from bake.evaluate.declarations import FUNCTION_ATTRIBUTES, unexpected
from bake.evaluate.frame import Scope
from bake.evaluate.functions import Function, FunctionError, Parameter
from bake.evaluate.positions import start_span
from bake.evaluate.static import keyword
from bake.evaluate.values import ANY_UNKNOWN, tuple_of
from bake.evaluate.wording import first_of
from bake.syntax.tree import TupleCons

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bake.errors import BakeError
    from bake.evaluate.frame import Frame
    from bake.evaluate.values import Value
    from bake.host import Host
    from bake.syntax.tree import Attribute, Block, Expression


class Signature(NamedTuple):
    """A function as it is written: the names of its parameters, the one for all the rest, its result."""

    params: tuple[str, ...]
    rest: str | None
    result: Expression

    @property
    def names(self) -> frozenset[str]:
        return frozenset(self.params) | ({self.rest} if self.rest else set())


BROKEN = Function(lambda _arguments, _host: ANY_UNKNOWN, rest=Parameter("rest", allow_null=True))
"""Stands for a function that is at fault: its calls are unknown, not wrong once more."""


def signature(block: Block, frame: Frame) -> Signature | None:
    """What a `function` block says, None if it says nothing usable."""
    faults = len(frame.faults)
    frame.faults += unexpected(block.body, FUNCTION_ATTRIBUTES)
    attributes = block.body.attributes
    params, result = attributes.get("params"), attributes.get("result")
    name = block.labels[0]
    if result is None:
        span = params.span if params else name.span
        frame.fault("Invalid function", span, f"empty result not allowed for {name.text}")
    elif params is None:
        frame.fault("Invalid function", name.span, f"empty params not allowed for {name.text}")
    if params is None or result is None:
        return None
    named = _params(params, frame)
    rest = attributes.get("variadic_params")
    rest_name = _param(rest.value, rest, frame) if rest else None
    return Signature(named, rest_name, result.value) if len(frame.faults) == faults else None


def _params(attribute: Attribute, frame: Frame) -> tuple[str, ...]:
    if not isinstance(attribute.value, TupleCons):
        detail = "A static list expression is required."
        frame.fault("Invalid expression", start_span(attribute.value), detail)
        return ()
    return tuple(_param(item, item, frame) or "" for item in attribute.value.items)


def _param(expression: Expression, at: Expression | Attribute, frame: Frame) -> str | None:
    word = keyword(expression)
    if word is None:
        frame.fault("Invalid param element", at.span, "Each parameter name must be an identifier.")
    return word


def define(signature: Signature, frame: Frame) -> Function:
    """The function of that signature, with the names of `frame` in reach of its result."""

    def body(arguments: Sequence[Value], _host: Host) -> Value:
        names = dict(zip(signature.params, arguments, strict=False))
        if signature.rest:
            names[signature.rest] = tuple_of(arguments[len(signature.params) :])
        faults: list[BakeError] = []
        inner = expressions.frame(Scope(names, frame.scope), frame.world, faults)
        value = expressions.bounded(inner.value(signature.result), signature.result, inner)
        if faults:
            raise FunctionError(first_of(faults))
        return value

    rest = Parameter(signature.rest) if signature.rest else None
    return Function(body, tuple(map(Parameter, signature.params)), rest)
