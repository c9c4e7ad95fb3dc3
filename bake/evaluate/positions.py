"""Where messages point: the start of an expression, the place of one element of a value.

HCL points at the first token of an expression where the whole would be too much (hcl.StartRange).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bake.source import Span
from bake.syntax import tree

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bake.syntax.tree import Attribute, Block, Expression, Node


def start_span(node: Expression) -> Span:
    """HCL's StartRange of an expression."""
    return _STARTS.get(type(node), _whole)(node)


def value_start(attribute: Attribute) -> Span:
    """The start of an attribute's value. Only HCL's own strings begin behind the quote."""
    value = attribute.value
    if attribute.source.dialect != "hcl" and isinstance(value, tree.Template | tree.TemplateWrap):
        return value.span
    return start_span(value)


def closing_parenthesis(call: tree.Call) -> Span:
    return Span(call.source, call.end - 1, call.end)


def parenthesis(call: tree.Call) -> int:
    """Where the parenthesis of a call opens: at its name's end where a dialect's escapes hide it."""
    at = call.source.text.find("(", call.name.end, call.end)
    return at if at >= 0 else call.name.end


def brackets(node: tree.Index) -> Span:
    """The `[key]` of an index."""
    return Span(node.source, _opening(node), node.end)


def missing_place(block: Block) -> Span:
    """Where a block misses something (hcl.Body.MissingItemRange): empty, where its body begins, in a block of
    a single line at its only argument; in data languages the bracket that closes it."""
    body = block.body
    if block.source.dialect != "hcl":
        return Span(block.source, body.end - 1, body.end)
    first = min((attribute.start for attribute in body.attributes.values()), default=body.start)
    begin = body.start if "\n" in block.source.text[body.start : first] else first
    return Span(block.source, begin, begin)


def between(first: Node, last: Node) -> Span:
    return Span(first.source, first.start, last.end)


def item_span(attribute: Attribute, path: Sequence[str | int]) -> Span:
    """The place of `item`."""
    return item(attribute, path).span


def item(attribute: Attribute, path: Sequence[str | int]) -> Expression:
    """The element that `path` leads to (`("args", )`, `(0,)`, `("a", 1)`), as far as the value is written out
    as lists and maps; from there on the innermost one that is."""
    node: Expression = attribute.value
    for step in path:
        inner = _element(node, step)
        if inner is None:
            break
        node = inner
    return node


def _element(node: Expression, step: str | int) -> Expression | None:
    while isinstance(node, tree.Parens):
        node = node.inner
    if isinstance(node, tree.TupleCons) and isinstance(step, int) and step < len(node.items):
        return node.items[step]
    if isinstance(node, tree.ObjectCons):
        found = [item.value for item in node.items if constant_key(item.key) == step]
        return found[-1] if found else None
    return None


def constant_key(key: Expression) -> str | None:
    """The text of an object's key if it is written out, None if it has to be evaluated."""
    if isinstance(key, tree.Template) and len(key.parts) <= 1:
        if not key.parts:
            return ""
        key = key.parts[0]
    return key.value if isinstance(key, tree.Literal) and isinstance(key.value, str) else None


def _whole(node: Node) -> Span:
    return node.span


def _first(node: Node) -> Span:
    return Span(node.source, node.start, node.start + 1)


def _call(node: tree.Call) -> Span:
    return Span(node.source, node.start, parenthesis(node) + 1)


def _opening(node: tree.Index) -> int:
    at = node.source.text.find("[", node.collection.end, node.end)
    return at if at >= 0 else node.collection.end


def _opening_bracket(node: tree.Index) -> Span:
    start = _opening(node)
    return Span(node.source, start, start + 1)


def _template(node: tree.Template) -> Span:
    return start_span(node.parts[0]) if node.parts else Span(node.source, node.end, node.end)


def _directive(node: tree.TemplateFor) -> Span:
    end = node.source.text.find("}", node.collection.end, node.end)
    return Span(node.source, node.start, end + 1 if end >= 0 else node.collection.end)


_STARTS: dict[type, Callable[..., Span]] = {
    tree.TupleCons: _first,
    tree.ObjectCons: _first,
    tree.For: _first,
    tree.Unary: _first,
    tree.Call: _call,
    tree.Index: _opening_bracket,
    tree.Template: _template,
    tree.TemplateFor: _directive,
    tree.Splat: lambda node: node.marker,
    tree.Parens: lambda node: start_span(node.inner),
    tree.Binary: lambda node: start_span(node.left),
    tree.Conditional: lambda node: start_span(node.condition),
}
