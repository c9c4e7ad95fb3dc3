"""A tree as data: text to keep in a file, and back. No pickle: reading it can run nothing.

The text has three lines: a mark with the checksum of what follows, the structure (bodies, blocks,
comments, names) as JSON, and the expressions, one JSON text behind the other. The structure says where
each attribute's expression begins and ends there, and it is read when it is first asked for: of a file with
a thousand targets most builds look at a few.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast
from zlib import crc32

from bake.record import names
from bake.source import Span
from bake.syntax import tree
from bake.syntax.tree import Attribute, Block, Body, Comment, File, Name, Node, NumberText, ObjectItem

if TYPE_CHECKING:
    from bake.source import Source
    from bake.syntax.tree import Expression

MARK = b"pybake tree 1"
_KINDS: tuple[type[Any], ...] = (
    tree.Literal, tree.Template, tree.TemplateWrap, tree.TemplateFor, tree.AttrStep, tree.IndexStep,
    tree.ScopeTraversal, tree.RelativeTraversal, tree.Index, tree.Splat, tree.SplatItem, tree.Call,
    tree.Conditional, tree.Binary, tree.Unary, tree.Parens, tree.TupleCons, tree.ObjectCons, tree.For, Name,
)  # fmt: skip
_CODES = {kind: code for code, kind in enumerate(_KINDS)}
_FIELDS = [names(kind)[3:] for kind in _KINDS]
_TUPLE, _NUMBER, _SPAN, _ITEM = -1, -2, -3, -4


class DamagedError(Exception):
    """What was kept is no tree of this source."""


def encode(file: File) -> bytes:
    """The text that `decode` reads."""
    expressions: list[str] = []
    written = 0

    def body(node: Body) -> list[Any]:
        nonlocal written
        attributes = []
        for attribute in node.attributes.values():
            text = json.dumps(_encoded(attribute.value), separators=(",", ":"))
            expressions.append(text)
            attributes.append([*_place(attribute), *_name(attribute.name), written, written + len(text)])
            written += len(text)
        return [node.start, node.end, attributes, [block(one) for one in node.blocks]]

    def block(node: Block) -> list[Any]:
        return [
            node.start,
            node.end,
            _name(node.type),
            [_name(label) for label in node.labels],
            body(node.body),
        ]

    comments = [[*_place(comment), comment.text] for comment in file.comments]
    structure = json.dumps([body(file.body), comments], separators=(",", ":"))
    content = f"{structure}\n{''.join(expressions)}".encode("ascii")
    return b"%s %08x\n%s" % (MARK, crc32(content), content)


def decode(data: bytes, source: Source) -> File:
    """The tree that `encode` was given, its nodes standing in `source`. Raises DamagedError."""
    mark, _, content = data.partition(b"\n")
    if mark != b"%s %08x" % (MARK, crc32(content)):
        raise DamagedError
    structure, _, expressions = content.decode("ascii").partition("\n")
    body, comments = json.loads(structure)
    reader = _Reader(source, expressions)
    return File(source, reader.body(body), tuple(Comment(source, *comment) for comment in comments))


def _place(node: Node) -> list[int]:
    return [node.start, node.end]


def _name(name: Name) -> list[Any]:
    return [name.start, name.end, name.text]


def _encoded(value: Any) -> Any:
    kind = type(value)
    if kind in _CODES:
        code = _CODES[kind]
        return [code, value.start, value.end, *[_encoded(getattr(value, name)) for name in _FIELDS[code]]]
    if kind is tuple:
        return [_TUPLE, *map(_encoded, value)]
    if kind is NumberText:
        return [_NUMBER, value]
    if kind is Span:
        return [_SPAN, value.start, value.end]
    if kind is ObjectItem:
        return [_ITEM, _encoded(value.key), _encoded(value.value), value.forced]
    return value


class _Reader:
    def __init__(self, source: Source, expressions: str) -> None:
        self.source = source
        self.expressions = expressions

    def body(self, data: list[Any]) -> Body:
        start, end, attributes, blocks = data
        read = {attribute[4]: _KeptAttribute(self, *attribute) for attribute in attributes}
        return Body(
            self.source, start, end, cast("dict[str, Attribute]", read), tuple(map(self.block, blocks))
        )

    def block(self, data: list[Any]) -> Block:
        start, end, type_, labels, body = data
        names = tuple(Name(self.source, *label) for label in labels)
        return Block(self.source, start, end, Name(self.source, *type_), names, self.body(body))

    def expression(self, start: int, end: int) -> Expression:
        return cast("Expression", self.decoded(json.loads(self.expressions[start:end])))

    def decoded(self, data: Any) -> Any:
        if type(data) is not list:
            return data
        code = data[0]
        if code >= 0:
            others = [self.decoded(one) if type(one) is list else one for one in data[3:]]
            return _KINDS[code](self.source, data[1], data[2], *others)
        if code == _TUPLE:
            return tuple(map(self.decoded, data[1:]))
        if code == _NUMBER:
            return NumberText(data[1])
        if code == _SPAN:
            return Span(self.source, data[1], data[2])
        return ObjectItem(self.decoded(data[1]), self.decoded(data[2]), data[3])


class _KeptAttribute(Attribute):
    """An attribute whose expression is read when first asked for."""

    __slots__ = ("_from", "_read", "_reader", "_to")

    def __init__(
        self,
        reader: _Reader,
        start: int,
        end: int,
        name_start: int,
        name_end: int,
        name: str,
        from_: int,
        to: int,
    ) -> None:
        self.source = reader.source
        self.start = start
        self.end = end
        self.name = Name(reader.source, name_start, name_end, name)
        self._reader = reader
        self._from = from_
        self._to = to
        self._read: Expression | None = None

    @property
    def value(self) -> Expression:  # type: ignore[override]
        if self._read is None:
            self._read = self._reader.expression(self._from, self._to)
        return self._read
