"""Compose YAML → tree: mappings are `ObjectCons`, sequences `TupleCons`, scalars `Literal`s, no templates.

PyYAML reads the events; composing is ours, for the sake of its limits: nesting, and the growth that
aliases cause. Scalars are resolved as go.yaml.in/yaml/v3 resolves them for compose-go: `yes` stays
text, `017` is 15, timestamps stay text; anchors and merge keys are resolved, a key that is there twice is
a fault. A value with a tag of its own (`!reset`, `!override`) is a `Call` of that name, its only argument
the value. The first document's keys are the file's attributes; each further document is a block of the
type `document`.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Any

from bake.errors import DefinitionError, raise_all
from bake.record import record
from bake.source import Span
from bake.syntax.limits import MAX_DEPTH, too_deep
from bake.syntax.scalars import resolve
from bake.syntax.tree import (
    Attribute,
    Block,
    Body,
    Call,
    File,
    Literal,
    Name,
    NumberText,
    ObjectCons,
    ObjectItem,
    TupleCons,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bake.source import Source
    from bake.syntax.tree import Expression

MAX_ALIASED = 100_000
"""How many values the aliases of a file may stand for: far more than any compose file has."""
_STANDARD = "tag:yaml.org,2002:"
_RESOLVED = frozenset(("int", "float", "bool", "null"))


def parse(source: Source) -> File:
    """The tree of a compose file. Raises DefinitionError, or a group of them."""
    from yaml import YAMLError

    composer = _Composer(source)
    try:
        documents = list(composer.documents())
    except (YAMLError, UnicodeError) as exc:
        raise _worded(source, exc) from exc
    bodies = [_body(source, document, composer.faults) for document in documents if document is not None]
    raise_all(composer.faults)
    first, *others = bodies or [Body(source, 0, len(source.text), {}, ())]
    blocks = [
        Block(source, other.start, other.end, Name(source, other.start, other.start, "document"), (), other)
        for other in others
    ]
    return File(source, Body(source, first.start, first.end, first.attributes, tuple(blocks)))


@record(frozen=False)
class _Open:
    """A collection whose end has not been met: its start event, its place, and what it holds so far."""

    event: Any
    start: int
    nodes: list[Expression] = field(default_factory=list)


class _Composer:
    """Events → expressions, with the anchors of the document at hand."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.faults: list[DefinitionError] = []
        self.anchors: dict[str, Expression] = {}
        self.sizes: dict[int, tuple[int, int]] = {}  # values in a node, and how deep they nest, by its id
        self.aliased = 0
        self.shift = 1 if source.text.startswith("\ufeff") else 0

    def documents(self) -> Iterator[Expression | None]:
        import yaml

        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        opened: list[_Open] = []
        document: Expression | None = None
        for event in yaml.parse(self.source.text, Loader=loader):
            kind = type(event).__name__
            if kind == "DocumentStartEvent":
                document, self.anchors = None, {}
            elif kind == "DocumentEndEvent":
                yield document
            elif kind in ("MappingStartEvent", "SequenceStartEvent"):
                opened.append(_Open(event, self._at(event.start_mark)))
                if len(opened) > MAX_DEPTH:
                    raise too_deep(self.source, opened[-1].start, opened[-1].start + 1)
            elif not kind.startswith("Stream"):
                node = self._node(kind, event, opened)
                if opened:
                    opened[-1].nodes.append(node)
                else:
                    document = node

    def _at(self, mark: Any) -> int:
        return int(mark.index) + self.shift

    def _node(self, kind: str, event: Any, opened: list[_Open]) -> Expression:
        if kind == "AliasEvent":
            return self._alias(event)
        if kind == "ScalarEvent":
            return self._finished(event, self._scalar(event), (), 0)
        done = opened.pop()
        end = self._at(event.end_mark)
        if not done.event.flow_style and done.nodes:
            end = max(done.start, done.nodes[-1].end)
        if kind == "SequenceEndEvent":
            node: Expression = TupleCons(self.source, done.start, end, tuple(done.nodes))
        else:
            node = self._mapping(done, end)
        return self._finished(done.event, node, done.nodes, 1)

    def _finished(self, event: Any, node: Expression, children: Any, depth: int) -> Expression:
        """`node` with its tag, its anchor kept; what it would come to is measured for aliases."""
        if name := _own_tag(event.tag):
            called = Name(self.source, self._at(event.start_mark), node.start, name)
            node = Call(self.source, called.start, node.end, called, (node,))
        sizes = [self.sizes[id(child)] for child in children]
        depth += max((deep for _, deep in sizes), default=0)
        if depth > MAX_DEPTH:
            raise too_deep(self.source, node.start, node.start + 1)
        self.sizes[id(node)] = (1 + sum(size for size, _ in sizes), depth)
        if event.anchor:
            self.anchors[event.anchor] = node
        return node

    def _alias(self, event: Any) -> Expression:
        start, end = self._at(event.start_mark), self._at(event.end_mark)
        node = self.anchors.get(event.anchor)
        if node is None:
            detail = f"No anchor `{event.anchor}` stands before this alias; one may not hold itself either."
            raise DefinitionError("Unknown anchor", Span(self.source, start, end), detail=detail)
        self.aliased += self.sizes[id(node)][0]
        if self.aliased > MAX_ALIASED:
            detail = f"The aliases of a file may stand for {MAX_ALIASED:,} values."
            raise DefinitionError("Excessive aliasing", Span(self.source, start, end), detail=detail)
        return node

    def _scalar(self, event: Any) -> Literal:
        tag = (event.tag or "").removeprefix(_STANDARD)
        resolved = event.implicit[0] or tag in _RESOLVED or (_own_tag(event.tag) and not event.style)
        value = resolve(event.value) if resolved else event.value
        return Literal(self.source, self._at(event.start_mark), self._at(event.end_mark), value)

    def _mapping(self, done: _Open, end: int) -> ObjectCons:
        own: dict[str, ObjectItem] = {}
        merged: list[Expression] = []
        for key, value in zip(done.nodes[::2], done.nodes[1::2], strict=True):
            text = self._key(key)
            if text in own or (text == "<<" and merged):
                self._fault("Duplicate key", f"The key `{text}` is in this mapping already.", key)
            elif text == "<<" and self.source.text[key.start : key.end] == "<<":
                merged += self._merged(value)
            else:
                own[text] = ObjectItem(Literal(self.source, key.start, key.end, text), value)
        for mapping in merged:
            assert isinstance(mapping, ObjectCons)
            for item in mapping.items:
                assert isinstance(item.key, Literal)
                own.setdefault(str(item.key.value), item)
        return ObjectCons(self.source, done.start, end, tuple(own.values()))

    def _key(self, key: Expression) -> str:
        if not isinstance(key, Literal):
            self._fault("Invalid key", "A mapping's key must be a scalar.", key)
            return ""
        if isinstance(key.value, str) and not isinstance(key.value, NumberText):
            return key.value
        return self.source.text[key.start : key.end]

    def _merged(self, value: Expression) -> list[Expression]:
        """The mappings that `<<: value` merges in, the first of them the strongest."""
        mappings: list[Expression] = list(value.items) if isinstance(value, TupleCons) else [value]
        if all(isinstance(mapping, ObjectCons) for mapping in mappings):
            return mappings
        self._fault("Invalid merge", "The value of `<<` must be a mapping, or a sequence of mappings.", value)
        return []

    def _fault(self, summary: str, detail: str, node: Expression) -> None:
        self.faults.append(DefinitionError(summary, node.span, detail=detail))


def _own_tag(tag: str | None) -> str:
    """The name of a tag that YAML itself does not define, else nothing."""
    if not tag or tag == "!" or tag.startswith(_STANDARD):
        return ""
    return tag


def _body(source: Source, document: Expression, faults: list[DefinitionError]) -> Body:
    content = document.args[0] if isinstance(document, Call) else document
    attributes: dict[str, Attribute] = {}
    if isinstance(content, ObjectCons):
        for item in content.items:
            key = item.key
            assert isinstance(key, Literal)
            name = Name(source, key.start, key.end, str(key.value))
            attributes[name.text] = Attribute(source, key.start, item.value.end, name, item.value)
    elif not (isinstance(content, Literal) and content.value is None):
        detail = "The top level of a compose file must be a mapping."
        faults.append(DefinitionError("Invalid compose file", content.span, detail=detail))
    return Body(source, document.start, document.end, attributes, ())


def _worded(source: Source, exc: Any) -> DefinitionError:
    """PyYAML's error, at its place."""
    mark = getattr(exc, "problem_mark", None) or getattr(exc, "context_mark", None)
    at = mark.index if mark else getattr(exc, "position", 0)
    at = min(int(at), len(source.text))
    problem = getattr(exc, "problem", None) or getattr(exc, "reason", None) or "it cannot be read"
    context = getattr(exc, "context", None)
    detail = f"{problem}, {context}" if context else str(problem)
    hint = "YAML is indented with blanks, not with tabs" if source.text[at : at + 1] == "\t" else None
    return DefinitionError(
        "Invalid YAML", Span(source, at, min(at + 1, len(source.text))), detail=f"{detail}.", hint=hint
    )
