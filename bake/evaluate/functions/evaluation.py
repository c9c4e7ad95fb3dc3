"""`can`, `try` and `convert`: what their arguments are. The evaluator of expressions runs them itself,
because it alone can try an expression or read a type constraint; calling them here is a mistake."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bake.evaluate.functions.function import Function, FunctionError, Parameter, Takes
from bake.evaluate.types import BOOL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bake.evaluate.values import Value
    from bake.host import Host


def _unreachable(_arguments: Sequence[Value], _host: Host) -> Value:
    raise FunctionError("this function needs its arguments unevaluated")


FUNCTIONS: Final = {
    "can": Function(_unreachable, (Parameter("expression", takes=Takes.EXPRESSION),), returns=BOOL),
    "convert": Function(
        _unreachable,
        (Parameter("value", allow_null=True, allow_dynamic=True), Parameter("type", takes=Takes.TYPE)),
    ),
    "try": Function(_unreachable, rest=Parameter("expressions", takes=Takes.EXPRESSION)),
}
