"""Forms that still work and have been replaced, found in the syntax trees.

HCL's attribute-only splat and index are its specification's legacy forms; `formatdate` is so marked in
bake-stdlib.md of buildx 0.36.1, `version` in the Compose Specification.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bake.errors import DefinitionError
from bake.evaluate.references import expressions, nodes
from bake.syntax import tree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bake.source import Span
    from bake.syntax.tree import Expression, File, Node

FUNCTIONS = {"formatdate": "formattimestamp"}
"""Functions, and what replaces them."""
COMPOSE_VERSION = "version"


def deprecated(file: File) -> Iterator[DefinitionError]:
    """A warning for each deprecated form in `file`."""
    if file.source.dialect == "compose":
        attribute = file.body.attributes.get(COMPOSE_VERSION)
        if attribute is not None:
            yield _fault(
                attribute.name.span, "`version` of a compose file means nothing any more", "remove it"
            )
        return
    for expression in expressions(file.body):
        for node in nodes(expression):
            yield from _of_node(node)


def _of_node(node: Expression) -> Iterator[DefinitionError]:
    if isinstance(node, tree.ScopeTraversal | tree.RelativeTraversal):
        for step in node.steps:
            if isinstance(step, tree.IndexStep) and _starts_with_dot(step):
                yield _fault(step.span, f"`{step.span.text}` as an index", f"write `[{step.key}]`")
    elif isinstance(node, tree.Splat) and node.marker.text.startswith("."):
        yield _fault(node.marker, "`.*` goes into attributes only", "write `[*]`")
    elif isinstance(node, tree.Call) and node.name.text in FUNCTIONS:
        name = node.name.text
        yield _fault(node.name.span, f"the function `{name}`", f"use `{FUNCTIONS[name]}`")


def _starts_with_dot(node: Node) -> bool:
    return node.source.text.startswith(".", node.start)


def _fault(span: Span, detail: str, hint: str) -> DefinitionError:
    return DefinitionError("Deprecated form", span, detail=detail, hint=hint)
