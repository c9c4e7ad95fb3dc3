"""Starting nodes, told as progress: a step for each node, a line for each piece of it.

Takes what a driver says while it starts a node, gives the `Event`s that BuildKit's own steps would give,
so every display shows it. Words are those of buildx 0.36.1.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from bake.builder import driver
from bake.builder.together import ask_all
from bake.errors import BakeError, raise_all
from bake.progress import Event, SolveStatus, Vertex, VertexStatus

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from bake.builder.site import Site
    from bake.node import Builder, Node
    from bake.progress import Emit


def silent(_event: Event) -> None:
    """An `emit` that tells nobody."""


class Steps:
    """The step of one node's start: call it with each piece that begins; leave the `with` to end it."""

    def __init__(self, title: str, node: str, emit: Emit) -> None:
        self._emit = emit
        self._node = node
        self._vertex = Vertex(digest=f"boot:{node}", name=title)
        self._piece: VertexStatus | None = None

    def __enter__(self) -> Steps:
        self._vertex = replace(self._vertex, started=time.time())
        self._tell()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end_piece()
        self._vertex = replace(
            self._vertex, completed=time.time(), error=str(error) if error is not None else ""
        )
        self._tell()

    def __call__(self, piece: str) -> None:
        self._end_piece()
        now = time.time()
        self._piece = VertexStatus(piece, self._vertex.digest, started=now, timestamp=now)
        self._tell(self._piece)

    def _end_piece(self) -> None:
        if self._piece:
            now = time.time()
            self._tell(replace(self._piece, completed=now, timestamp=now))
            self._piece = None

    def _tell(self, *pieces: VertexStatus) -> None:
        self._emit(Event(SolveStatus(vertexes=(self._vertex,), statuses=pieces), node=self._node))


def start(site: Site, name: str, node: Node, emit: Emit) -> None:
    """Start a node of a builder whose driver is called `name`. Raises BuilderError."""
    kind = driver.find(name)
    with Steps(kind.BOOTING, node.name, emit) as steps:
        kind.start(site, node, steps)


def start_all(site: Site, builder: Builder, nodes: Sequence[Node], emit: Emit) -> None:
    """Start these nodes of `builder` at the same time. Raises BuilderError, or a group."""

    def one(node: Node) -> BakeError | None:
        try:
            start(site, builder.driver, node, emit)
        except BakeError as exc:
            return exc
        return None

    faults = [fault for fault in ask_all(nodes, one) if fault]
    raise_all(faults, f"the builder `{builder.name}` could not be started")
