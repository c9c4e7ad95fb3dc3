"""The graph of a definition, as records: `bake.api` makes it, `bake.ui` draws it."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from bake.record import record

if TYPE_CHECKING:
    from collections.abc import Mapping


class Kind(Enum):
    """What a node of the graph is."""

    GROUP = "group"
    TARGET = "target"


class Relation(Enum):
    """Why one node needs another."""

    MEMBER = "member"
    """A group has it among its targets."""
    CONTEXT = "context"
    """A target builds on it: it is a context, whose name is the edge's label."""


@record
class Box:
    """One target, with its platforms, or group. Both may have the same name; `id` tells them apart."""

    kind: Kind
    name: str
    platforms: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """`group:NAME` or `target:NAME`."""
        return f"{self.kind.value}:{self.name}"


@record
class Edge:
    """`tail` needs `head`; both are ids."""

    tail: str
    head: str
    relation: Relation
    label: str = ""


@record
class Drawing:
    """Boxes in the order of the files, groups first, and the edges between them."""

    boxes: tuple[Box, ...]
    edges: tuple[Edge, ...]

    def needs(self) -> dict[str, list[Edge]]:
        """The edges of each box, by its id, in order."""
        found: dict[str, list[Edge]] = {box.id: [] for box in self.boxes}
        for edge in self.edges:
            found[edge.tail].append(edge)
        return found

    def roots(self) -> list[Box]:
        """The boxes that nobody needs; of a circle that nobody needs its first box."""
        needs = self.needs()
        heads = {edge.head for edge in self.edges}
        roots = [box for box in self.boxes if box.id not in heads]
        reached: set[str] = set()
        _reach([box.id for box in roots], needs, reached)
        for box in self.boxes:
            if box.id not in reached:
                roots.append(box)
                _reach([box.id], needs, reached)
        return roots


def _reach(waiting: list[str], needs: Mapping[str, list[Edge]], reached: set[str]) -> None:
    while waiting:
        at = waiting.pop()
        if at not in reached:
            reached.add(at)
            waiting += [edge.head for edge in needs[at]]
