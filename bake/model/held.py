"""What is merged: a field's value with its marks, and all of a target's fields together.

The rules that put two such values together, or tidy one, are here; which field follows which rule
stands in `bake.model.fields`. Rules are those of `Target.Merge` and `Target.normalize` of buildx 0.36.1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from bake.model.origins import Mark, Origins, inherited, marks_for
from bake.model.target import Target

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


class Held(NamedTuple):
    """A field's value and where it, or each of its elements, comes from."""

    value: Any
    marks: Any


Draft: TypeAlias = "dict[str, Held]"
"""A target's given fields, by the names of Target's attributes."""

Merge: TypeAlias = "Callable[[Held, Held], Held]"
Tidy: TypeAlias = "Callable[[Held], Held]"

HEADER = "name"
"""The field whose mark is the header of a target's last block."""


def draft_of(target: Target) -> Draft:
    """What `target` was given."""
    origins = target.origins
    return {name: Held(value, marks_for(name, value, origins)) for name, value in target.given().items()}


def target_of(name: str, draft: Draft, header: Mark, *, linked: bool = False) -> Target:
    """The target of these fields. `header` marks the target itself."""
    values = {field: held.value for field, held in draft.items()}
    marks = {field: held.marks for field, held in draft.items()}
    values["name"] = name
    values["origins"] = Origins({HEADER: header, **marks})
    if linked:
        values["linked"] = True
    return Target.trusted(**values)


def header_of(target: Target) -> Mark:
    """The mark of the target itself."""
    mark = marks_for(HEADER, target.name, target.origins)
    return mark if isinstance(mark, Mark) else Mark(None)


def as_heir(draft: Draft, parent: str) -> Draft:
    """`draft` seen from a target that inherits it from `parent`."""
    return {name: Held(held.value, inherited(held.marks, parent)) for name, held in draft.items()}


def replace(_: Held, theirs: Held) -> Held:
    """The later one counts, empty or not."""
    return theirs


def replace_unless_empty(mine: Held, theirs: Held) -> Held:
    return theirs if theirs.value else mine


def append(mine: Held, theirs: Held) -> Held:
    return Held(mine.value + theirs.value, mine.marks + theirs.marks)


def union(mine: Held, theirs: Held) -> Held:
    """Maps key by key, the later one counts; also limits, field by field."""
    return Held({**mine.value, **theirs.value}, {**mine.marks, **theirs.marks})


def limit_by_limit(mine: Held, theirs: Held) -> Held:
    return Held(mine.value.merged(theirs.value), {**mine.marks, **theirs.marks})


def last_by(key: str) -> Tidy:
    """Of the entries with the same `key` the last, in the place of the first."""

    def tidy(held: Held) -> Held:
        found = {getattr(entry, key): (entry, mark) for entry, mark in _pairs(held)}
        return held if len(found) == len(held.value) else _held(found.values())

    return tidy


def distinct_text(held: Held) -> Held:
    """Each text once, where it first stands; empty ones are left out."""
    first: dict[str, tuple[str, Mark]] = {}
    for text, mark in _pairs(held):
        if text:
            first.setdefault(text, (text, mark))
    return held if len(first) == len(held.value) else _held(first.values())


def distinct_entries(held: Held) -> Held:
    """Each entry once. The order is the reference's, whose way to remove one is to put the last of all
    entries in its place."""
    pairs = list(_pairs(held))
    for index in range(len(pairs) - 2, -1, -1):
        entry = pairs[index][0]
        for later in range(index + 1, len(pairs)):
            if pairs[later][0] == entry:
                pairs[later] = pairs[-1]
                pairs.pop()
                break
    return held if len(pairs) == len(held.value) else _held(pairs)


def some_entries(held: Held) -> Held | None:
    """Each entry once; an empty list counts as not given, so that it takes nothing from an heir's other
    parents (`Normalize` makes it nil)."""
    return distinct_entries(held) if held.value else None


def without_empty(held: Held) -> Held:
    """A map without the keys whose value is empty: that is how a context is removed."""
    value = {key: text for key, text in held.value.items() if text}
    return held if len(value) == len(held.value) else Held(value, {key: held.marks[key] for key in value})


def appended(tidy: Tidy) -> Merge:
    """Both lists, one after the other, tidied."""
    return lambda mine, theirs: tidy(append(mine, theirs))


def _pairs(held: Held) -> Iterable[tuple[Any, Mark]]:
    return zip(held.value, held.marks, strict=True)


def _held(pairs: Iterable[tuple[Any, Mark]]) -> Held:
    pairs = tuple(pairs)
    return Held(tuple(entry for entry, _ in pairs), tuple(mark for _, mark in pairs))
