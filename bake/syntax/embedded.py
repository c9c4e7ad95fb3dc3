"""HCL inside the strings of other languages: templates and expressions, their spans in the outer text."""

from __future__ import annotations

from dataclasses import fields
from itertools import chain
from typing import TYPE_CHECKING, Any
from unicodedata import normalize

from bake.errors import DefinitionError, flatten, raise_all
from bake.source import Source, Span
from bake.syntax.tree import Literal, Node, ObjectItem, Template

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bake.syntax.data import Datum
    from bake.syntax.tree import Expression


def template(source: Source, datum: Datum, text: str) -> Expression:
    """The template that a string is, e.g. `"a-${b}"` in JSON. Raises DefinitionError or a group."""
    start, end = datum.start, datum.end
    if "${" not in text and "%{" not in text:
        inner = Literal(source, start, end, normalize("NFC", text))
        return Template(source, start, end, (inner,) if text else ())
    offsets = datum.offsets() if datum.offsets else range(datum.content, datum.content + len(text) + 1)
    tree: Expression = _moved(_template, Source(source.name, text, "hcl"), source, offsets)
    tree.start, tree.end = start, end
    if isinstance(tree, Template):
        tree.quoted = True
    return tree


def parse_expression(text: str, at: Span) -> Expression:
    """The expression that `text` is, as found in the string at `at` (`"type": "list(string)"`).

    Its spans point into `at` when that is `text` in quotes, else at the whole of it.
    Raises DefinitionError, or a group of them.
    """
    exact = at.text[1:-1] == text
    offsets: Sequence[int] = range(at.start + 1, at.end) if exact else [at.start] * len(text) + [at.end]
    tree: Expression = _moved(_expression, Source(at.source.name, text, "hcl"), at.source, offsets)
    return tree


def _moved(parse: Callable[[Source], Any], inner: Source, source: Source, offsets: Sequence[int]) -> Any:
    """What `parse` makes of `inner`, places translated to `source`."""
    try:
        tree = parse(inner)
    except (DefinitionError, ExceptionGroup) as exc:
        raise_all(_fault(fault, source, offsets) for fault in flatten(exc))
        raise
    _move(tree, source, offsets)
    return tree


def _fault(fault: Any, source: Source, offsets: Sequence[int]) -> DefinitionError:
    span = Span(source, offsets[fault.span.start], offsets[fault.span.end])
    return DefinitionError(fault.summary, span, detail=fault.detail, hint=fault.hint, code=fault.code)


def _move(root: Node, source: Source, offsets: Sequence[int]) -> None:
    pending: list[Any] = [root]
    while pending:
        node = pending.pop()
        if isinstance(node, tuple):
            pending.extend(node)
        elif isinstance(node, (Node, ObjectItem)):
            if isinstance(node, Node):
                node.source, node.start, node.end = source, offsets[node.start], offsets[node.end]
            if hasattr(node, "marker"):
                node.marker = Span(source, offsets[node.marker.start], offsets[node.marker.end])
            pending.extend(getattr(node, one.name) for one in fields(node))


def _template(inner: Source) -> Any:
    from bake.syntax.scan import scan_template
    from bake.syntax.terminals import Terminal

    end = len(inner.text)
    marks = Terminal("DBLQUOTE", inner, 0, 0), Terminal("DBLQUOTE", inner, end, end)
    return _read(inner, scan_template(inner.text), "quote", marks)


def _expression(inner: Source) -> Any:
    from bake.syntax.scan import scan

    return _read(inner, scan(inner.text), "expression", ())


def _read(inner: Source, tokens: Any, kind: str, marks: tuple[Any, ...]) -> Any:
    from lark.exceptions import LarkError

    from bake.syntax.diagnose import diagnose
    from bake.syntax.grammar import parser
    from bake.syntax.terminals import Refused, terminals

    try:
        stream = chain(marks[:1], terminals(inner, tokens, kind), marks[1:])
        return parser().parse(stream, start="expression")
    except (LarkError, Refused) as exc:
        raise_all(diagnose(inner, tokens, kind, exc))
        raise
