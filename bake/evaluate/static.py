"""Expressions that are read instead of evaluated: names of parameters, types.

HCL's static analysis (hcl.ExprAsKeyword, hcl.ExprCall). Where the dialect has no words of its own, a
string holds them: `"type": "list(string)"` in JSON.
"""

from __future__ import annotations

from bake.errors import BakeError
from bake.evaluate.positions import constant_key
from bake.syntax.tree import Call, Expression, Literal, Parens, ScopeTraversal, Template


def keyword(expression: Expression) -> str | None:
    """The word that an expression consists of, None when it is more or less than a word."""
    expression = written(expression)
    if isinstance(expression, ScopeTraversal):
        return None if expression.steps else expression.root.text
    if isinstance(expression, Literal) and not isinstance(expression.value, str):
        return {None: "null", True: "true", False: "false"}[expression.value]
    return None


def static_call(expression: Expression) -> Call | None:
    """The call that an expression consists of."""
    expression = written(expression)
    return expression if isinstance(expression, Call) else None


def written(expression: Expression) -> Expression:
    """The expression without parentheses, and without the quotes that other dialects need around it."""
    while isinstance(expression, Parens):
        expression = expression.inner
    if expression.source.dialect == "hcl" or not isinstance(expression, Template):
        return expression
    text = constant_key(expression)
    if text is None:
        return expression
    from bake.syntax.embedded import parse_expression

    try:
        return parse_expression(text, expression.span)
    except (BakeError, ExceptionGroup):
        return expression
