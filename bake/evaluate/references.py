"""What an expression refers to, without evaluating it: names that are not its own, and functions.

The names that a `for` brings are left out where they are in reach. Not recursive, so any depth is fine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bake.syntax import tree

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from bake.syntax.tree import Call, Expression, ScopeTraversal


class References(NamedTuple):
    """Traversals and calls in the order they are written, as far as one stack of nodes can tell."""

    names: tuple[ScopeTraversal, ...]
    calls: tuple[Call, ...]


NONE = References((), ())

_NO_NAMES: frozenset[str] = frozenset()
_LOOPS = (tree.For, tree.TemplateFor)


def references(expression: Expression, beside: Collection[str] = ()) -> References:
    """The names and functions that `expression` needs to be evaluated; with what the functions called
    `beside` are given left out."""
    names: list[ScopeTraversal] = []
    calls: list[Call] = []
    waiting = [(expression, _NO_NAMES)]
    while waiting:
        node, own = waiting.pop()
        if isinstance(node, tree.ScopeTraversal):
            if node.root.text not in own:
                names.append(node)
            continue
        if isinstance(node, tree.Call):
            calls.append(node)
            if node.name.text in beside:
                continue
        if isinstance(node, _LOOPS):
            waiting += _loop(node, own)
            continue
        for child in _CHILDREN[type(node)](node):
            if type(child) is not tree.Literal:
                waiting.append((child, own))
    return References(tuple(names), tuple(calls)) if names or calls else NONE


def expressions(body: tree.Body) -> Iterator[Expression]:
    """The values of all attributes in `body` and in its blocks."""
    for attribute in body.attributes.values():
        yield attribute.value
    for block in body.blocks:
        yield from expressions(block.body)


def nodes(expression: Expression) -> Iterator[Expression]:
    """`expression` and everything in it, literals aside."""
    waiting = [expression]
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, tree.ScopeTraversal):
            continue
        inner = [one for one, _ in _loop(node, _NO_NAMES)] if isinstance(node, _LOOPS) else ()
        children = inner or _CHILDREN[type(node)](node)
        waiting += [child for child in children if type(child) is not tree.Literal]


def _loop(
    node: tree.For | tree.TemplateFor, own: frozenset[str]
) -> Iterator[tuple[Expression, frozenset[str]]]:
    yield node.collection, own
    inner = own | {node.value.text} | ({node.key.text} if node.key else set())
    if isinstance(node, tree.TemplateFor):
        yield node.body, inner
        return
    for child in (node.key_expr, node.value_expr, node.condition):
        if child is not None:
            yield child, inner


def _arguments(node: tree.Call) -> tuple[Expression, ...]:
    # the words of a type are no names
    return node.args[:1] if node.name.text == "convert" else node.args


def _object(node: tree.ObjectCons) -> Iterator[Expression]:
    for item in node.items:
        yield item.key
        yield item.value


_CHILDREN: dict[type, Callable[..., Iterator[Expression] | tuple[Expression, ...]]] = {
    tree.Literal: lambda _node: (),
    tree.SplatItem: lambda _node: (),
    tree.Template: lambda node: node.parts,
    tree.TemplateWrap: lambda node: (node.wrapped,),
    tree.RelativeTraversal: lambda node: (node.base,),
    tree.Index: lambda node: (node.collection, node.key),
    tree.Splat: lambda node: (node.base, node.each),
    tree.Call: _arguments,
    tree.Conditional: lambda node: (node.condition, node.true, node.false),
    tree.Binary: lambda node: (node.left, node.right),
    tree.Unary: lambda node: (node.operand,),
    tree.Parens: lambda node: (node.inner,),
    tree.TupleCons: lambda node: node.items,
    tree.ObjectCons: _object,
}
