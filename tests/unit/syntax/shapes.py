"""Trees as short text, for tests to compare with."""

from __future__ import annotations

from functools import singledispatch
from typing import Any

from bake.errors import BakeError, flatten
from bake.source import Dialect, Source
from bake.syntax import parse, tree


def source(text: str, dialect: Dialect = "hcl") -> Source:
    return Source("f", text, dialect)


def expression(text: str) -> str:
    """The shape of one HCL expression."""
    return shape(parse(source(f"x = {text}\n")).body.attributes["x"].value)


def values(text: str, dialect: Dialect) -> dict[str, str]:
    """The shapes of a file's attributes."""
    return {name: shape(one.value) for name, one in parse(source(text, dialect)).body.attributes.items()}


def faults(text: str, dialect: Dialect = "hcl") -> list[str]:
    """`place summary` of every fault of a text."""
    try:
        parse(source(text, dialect))
    except (BakeError, ExceptionGroup) as exc:
        return [f"{str(fault.span).removeprefix('f:')} {fault.summary}" for fault in flatten(exc)]
    return []


def details(text: str, dialect: Dialect = "hcl") -> list[str]:
    try:
        parse(source(text, dialect))
    except (BakeError, ExceptionGroup) as exc:
        return [fault.detail for fault in flatten(exc)]
    return []


@singledispatch
def shape(node: Any) -> str:
    raise AssertionError(f"no shape for {node!r}")


def many(nodes: Any) -> str:
    return " ".join(map(shape, nodes))


@shape.register
def _(node: tree.Literal) -> str:
    return str(node.value) if isinstance(node.value, tree.NumberText) else repr(node.value)


@shape.register
def _(node: tree.Template) -> str:
    return f"T({many(node.parts)})" if node.quoted else f"H({many(node.parts)})"


@shape.register
def _(node: tree.TemplateWrap) -> str:
    return f"W({shape(node.wrapped)})"


@shape.register
def _(node: tree.TemplateFor) -> str:
    names = ",".join(name.text for name in (node.key, node.value) if name)
    return f"%for({names} in {shape(node.collection)}: {shape(node.body)})"


def steps(node: Any) -> str:
    return "".join(f".{s.name}" if isinstance(s, tree.AttrStep) else f"[{s.key}]" for s in node.steps)


@shape.register
def _(node: tree.ScopeTraversal) -> str:
    return node.root.text + steps(node)


@shape.register
def _(node: tree.RelativeTraversal) -> str:
    return f"<{shape(node.base)}>{steps(node)}"


@shape.register
def _(node: tree.Index) -> str:
    return f"<{shape(node.collection)}>[{shape(node.key)}]"


@shape.register
def _(node: tree.Splat) -> str:
    return f"splat({shape(node.base)}, {shape(node.each)})"


@shape.register
def _(_node: tree.SplatItem) -> str:
    return "@"


@shape.register
def _(node: tree.Call) -> str:
    return f"{node.name.text}({many(node.args)}{'...' if node.expand else ''})"


@shape.register
def _(node: tree.Conditional) -> str:
    return f"({shape(node.condition)} ? {shape(node.true)} : {shape(node.false)})"


@shape.register
def _(node: tree.Binary) -> str:
    return f"({shape(node.left)} {node.op} {shape(node.right)})"


@shape.register
def _(node: tree.Unary) -> str:
    return f"{node.op}{shape(node.operand)}"


@shape.register
def _(node: tree.Parens) -> str:
    return f"p{shape(node.inner)}"


@shape.register
def _(node: tree.TupleCons) -> str:
    return f"[{many(node.items)}]"


@shape.register
def _(node: tree.ObjectCons) -> str:
    items = (f"{'!' if item.forced else ''}{shape(item.key)}={shape(item.value)}" for item in node.items)
    return f"{{{' '.join(items)}}}"


@shape.register
def _(node: tree.For) -> str:
    names = ",".join(name.text for name in (node.key, node.value) if name)
    key = f"{shape(node.key_expr)} => " if node.key_expr else ""
    group = "..." if node.group else ""
    condition = f" if {shape(node.condition)}" if node.condition else ""
    return f"for({names} in {shape(node.collection)}: {key}{shape(node.value_expr)}{group}{condition})"
