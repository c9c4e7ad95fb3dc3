"""Data → tree: what JSON and TOML share once their text is read.

A `Datum` is a value of a data language with the place it was written at. `file` makes blocks of the
properties that `BLOCKS` names, and attributes of all others; strings become templates whose spans point
through the language's escapes at the characters written. Wording and shape rules are those of HCL's JSON
dialect (hashicorp/hcl, json/structure.go), which TOML follows here.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, TypeAlias

from bake.errors import DefinitionError, raise_all
from bake.record import record
from bake.source import Span
from bake.syntax.embedded import template
from bake.syntax.limits import MAX_DEPTH, too_deep
from bake.syntax.tree import (
    Attribute,
    Block,
    Body,
    File,
    Literal,
    Name,
    NumberText,
    ObjectCons,
    ObjectItem,
    TupleCons,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bake.errors import BakeError
    from bake.source import Source
    from bake.syntax.tree import Comment, Expression

BLOCKS: dict[str, dict[str, tuple[str, ...]]] = {
    "": {"target": ("name",), "group": ("name",), "variable": ("name",), "function": ("name",)},
    "variable": {"validation": ()},
}
"""The properties that are blocks, by the block they stand in ("" is the file), with their labels."""

PLAIN = {"variable": ("description",)}
"""The properties whose strings are no templates, by the block they stand in."""


@record(frozen=False)
class Datum:
    """A value at `start` to `end`. `offsets` says where each character of a string was written, and where
    its text ends; it is None while no escape moves them, and `content` is where they begin."""

    start: int
    end: int
    value: Scalar | list[Datum] | Members
    content: int = 0
    offsets: Callable[[], list[int]] | None = None


@record(frozen=False)
class Members:
    """An object's properties, in the order written; a key may be there twice, `last` knows the later."""

    items: list[tuple[Datum, Datum]] = field(default_factory=list)
    last: dict[str, Datum] = field(default_factory=dict)

    def add(self, key: Datum, value: Datum) -> None:
        self.items.append((key, value))
        self.last[str(key.value)] = value


Scalar: TypeAlias = str | NumberText | bool | None


def file(source: Source, root: Datum, comments: tuple[Comment, ...] = ()) -> File:
    """The tree of the data `root`. Raises DefinitionError, or a group of them."""
    builder = _Builder(source)
    body = builder.body("", root, root)
    raise_all(builder.faults)
    return File(source, body, comments)


class _Builder:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.faults: list[BakeError] = []

    def _fault(self, summary: str, datum: Datum, detail: str) -> None:
        """The place of a bracketed value is its opening bracket, as in HCL."""
        end = datum.start + 1 if isinstance(datum.value, (list, Members)) else datum.end
        self.faults.append(DefinitionError(summary, Span(self.source, datum.start, end), detail=detail))

    # Structure

    def body(self, kind: str, value: Datum, whole: Datum) -> Body:
        attributes: dict[str, Attribute] = {}
        blocks: list[Block] = []
        shapes = BLOCKS.get(kind, {})
        for key, member in self._properties(value, "define arguments and child blocks"):
            name = self.name(key)
            if name.text == "//":
                continue
            if name.text in shapes:
                blocks += self._blocks(name, member, shapes[name.text], ())
            elif name.text in attributes:
                earlier = attributes[name.text].span
                self._fault(
                    "Duplicate argument", key, f'The argument "{name.text}" was already set at {earlier}.'
                )
            else:
                plain = name.text in PLAIN.get(kind, ())
                expression = self.constant(member) if plain else self.expression(member)
                attributes[name.text] = Attribute(self.source, key.start, member.end, name, expression)
        return Body(self.source, whole.start, whole.end, attributes, tuple(blocks))

    def _blocks(
        self, type_: Name, value: Datum, left: tuple[str, ...], labels: tuple[Name, ...]
    ) -> Iterator[Block]:
        if left:
            yield from self._labelled(type_, value, left, labels)
            return
        if value.value is None:
            return
        instances = value.value if isinstance(value.value, list) else [value]
        if not isinstance(value.value, (list, Members)):
            detail = (
                f"Either a JSON object or a JSON array is required, representing the contents of one or more "
                f'"{type_.text}" blocks.'
            )
            self._fault("Incorrect JSON value type", value, detail)
            return
        for instance in instances:
            body = self.body(type_.text, instance, instance)
            yield Block(self.source, type_.start, instance.end, type_, labels, body)

    def _labelled(
        self, type_: Name, value: Datum, left: tuple[str, ...], labels: tuple[Name, ...]
    ) -> Iterator[Block]:
        label, *rest = left
        properties = list(self._properties(value, f"specify {label} labels for this block"))
        if not properties:
            detail = (
                f"At least one object property is required, whose name represents the "
                f"{type_.text} block's {label}."
            )
            self._fault("Missing block label", value, detail)
        for key, member in properties:
            yield from self._blocks(type_, member, tuple(rest), (*labels, self.name(key)))

    def _properties(self, value: Datum, purpose: str) -> Iterator[tuple[Datum, Datum]]:
        """The properties of an object, or of all objects of an array."""
        if isinstance(value.value, Members):
            yield from value.value.items
        elif isinstance(value.value, list):
            for element in value.value:
                if isinstance(element.value, Members):
                    yield from element.value.items
                else:
                    detail = f"A JSON object is required here, to {purpose}."
                    self._fault("Incorrect JSON value type", element, detail)
        elif value.value is not None:
            detail = f"Either a JSON object or JSON array of objects is required here, to {purpose}."
            self._fault("Incorrect JSON value type", value, detail)

    def name(self, key: Datum) -> Name:
        return Name(self.source, key.start, key.end, str(key.value))

    # Expressions

    def expression(self, datum: Datum, depth: int = 0) -> Expression:
        """The expression of a value that stands `depth` levels deep; dotted keys of TOML nest too."""
        if depth > MAX_DEPTH:
            raise too_deep(self.source, datum.start, datum.start + 1)
        value = datum.value
        if isinstance(value, Members):
            return ObjectCons(self.source, datum.start, datum.end, tuple(self._items(value, depth + 1)))
        if isinstance(value, list):
            items = tuple(self.expression(item, depth + 1) for item in value)
            return TupleCons(self.source, datum.start, datum.end, items)
        if isinstance(value, str) and not isinstance(value, NumberText):
            return self._template(datum, value)
        return Literal(self.source, datum.start, datum.end, value)

    def constant(self, datum: Datum) -> Expression:
        """A string as it is; of anything else its expression."""
        if isinstance(datum.value, str):
            return Literal(self.source, datum.start, datum.end, datum.value)
        return self.expression(datum)

    def _items(self, members: Members, depth: int) -> Iterator[ObjectItem]:
        seen: dict[str, Datum] = {}
        for key, member in members.items:
            text = str(key.value)
            if text in seen:
                earlier = Span(self.source, seen[text].start, seen[text].end)
                detail = f'An attribute named "{text}" was already defined at {earlier}.'
                self._fault("Duplicate object attribute", key, detail)
            seen.setdefault(text, key)
            yield ObjectItem(self._template(key, text), self.expression(member, depth))

    def _template(self, datum: Datum, text: str) -> Expression:
        try:
            return template(self.source, datum, text)
        except DefinitionError as exc:
            self.faults.append(exc)
        except ExceptionGroup as group:
            self.faults += [exc for exc in group.exceptions if isinstance(exc, DefinitionError)]
        return Literal(self.source, datum.start, datum.end, text)
