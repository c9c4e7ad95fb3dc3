"""Where a target's values come from, kept beside them in the same shape.

A scalar field has one mark, a list field one for each element, a map field one for each key. Marks are
cheap: the place of an element is looked up in the syntax tree only when somebody asks. `Origins` shows
the marks of a whole target as a mapping of paths (`context`, `args.VERSION`, `tags[0]`) to `Origin`s.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from bake.evaluate.positions import item, item_span
from bake.model.base import hyphenated
from bake.model.resources import Resources
from bake.source import Origin

if TYPE_CHECKING:
    from bake.evaluate.config import EvaluatedAttribute
    from bake.syntax.tree import Expression


class Mark:
    """One value's origin, not worked out yet.

    `written` is the attribute that it stands in, or its origin where that is known; `step` the element
    of the attribute; `heir_of` the target that a value was inherited from.
    """

    __slots__ = ("heir_of", "step", "written")

    def __init__(
        self,
        written: EvaluatedAttribute | Origin | None,
        step: str | int | None = None,
        heir_of: str | None = None,
    ) -> None:
        self.written = written
        self.step = step
        self.heir_of = heir_of

    def inherited(self, parent: str) -> Mark:
        """This mark seen from a target that inherits from `parent`; the first view is kept."""
        return self if self.heir_of else Mark(self.written, self.step, parent)

    def origin(self) -> Origin | None:
        if self.written is None:
            return None
        origin = self.written if isinstance(self.written, Origin) else self._of_attribute(self.written)
        return origin.as_inherited(self.heir_of) if self.heir_of else origin

    def expression(self) -> Expression | None:
        """What was written for the value, None where it came from no attribute of a file."""
        if self.written is None or isinstance(self.written, Origin):
            return None
        return item(self.written.syntax, (self.step,) if self.step is not None else ())

    def _of_attribute(self, attribute: EvaluatedAttribute) -> Origin:
        if self.step is None:
            return attribute.origin
        span = item_span(attribute.syntax, (self.step,))
        return Origin(attribute.origin.cause, span, attribute.origin.detail)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Mark) and self.origin() == other.origin()

    def __hash__(self) -> int:
        return hash(self.origin())

    def __repr__(self) -> str:
        return f"Mark({self.origin()})"


Marks: TypeAlias = "Mark | tuple[Mark, ...] | dict[str, Mark]"
"""The marks of one field, in its shape."""


def inherited(marks: Marks, parent: str) -> Marks:
    """A field's marks seen from a target that inherits from `parent`."""
    if isinstance(marks, Mark):
        return marks.inherited(parent)
    if isinstance(marks, tuple):
        return tuple([mark.inherited(parent) for mark in marks])
    return {key: mark.inherited(parent) for key, mark in marks.items()}


def same_for(value: Any, mark: Mark) -> Marks:
    """`mark` in the shape of a field's value."""
    if isinstance(value, tuple):
        return (mark,) * len(value)
    keys = _keys(value)
    return mark if keys is None else dict.fromkeys(keys, mark)


def _keys(value: Any) -> Iterable[str] | None:
    if isinstance(value, Resources):
        return value.printed().keys()
    return value.keys() if isinstance(value, Mapping) else None


class Origins(Mapping[str, Origin]):
    """The origins of one target's values, by path. `fields` are the marks by the names of attributes."""

    __slots__ = ("fields",)

    def __init__(self, fields: Mapping[str, Marks]) -> None:
        self.fields = fields

    def __getitem__(self, path: str) -> Origin:
        for field, marks in self.fields.items():
            name = hyphenated(field)
            if not path.startswith(name):
                continue
            found = _within(marks, path[len(name) :])
            if found and (origin := found.origin()):
                return origin
        raise KeyError(path)

    def __iter__(self) -> Iterator[str]:
        return (path for path in self._paths() if path in self)

    def _paths(self) -> Iterator[str]:
        for field, marks in self.fields.items():
            name = hyphenated(field)
            if isinstance(marks, Mark):
                yield name
            elif isinstance(marks, tuple):
                yield from (f"{name}[{index}]" for index in range(len(marks)))
            else:
                yield from (f"{name}.{key}" for key in marks)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __repr__(self) -> str:
        return f"Origins({dict(self)!r})"


def _within(marks: Marks, rest: str) -> Mark | None:
    if isinstance(marks, Mark):
        return None if rest else marks
    if isinstance(marks, dict):
        return marks.get(rest[1:]) if rest.startswith(".") else None
    if rest.startswith("[") and rest.endswith("]") and rest[1:-1].isdecimal():
        index = int(rest[1:-1])
        return marks[index] if index < len(marks) else None
    return None


def marks_for(name: str, value: Any, origins: Mapping[str, Origin]) -> Marks:
    """The marks of the field `name` in the shape of its `value`; what has no origin gets an empty mark."""
    if isinstance(origins, Origins) and name in origins.fields:
        return origins.fields[name]
    path = hyphenated(name)
    if isinstance(value, tuple):
        return tuple(Mark(origins.get(f"{path}[{index}]")) for index in range(len(value)))
    keys = _keys(value)
    if keys is None:
        return Mark(origins.get(path))
    return {key: Mark(origins.get(f"{path}.{key}")) for key in keys}
