"""Steps that this machine takes, told as BuildKit tells its own."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from bake.progress import Event, SolveStatus, Vertex, VertexLog

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeAlias

    from bake.progress import Emit

    Say: TypeAlias = Callable[[str], None]


@contextmanager
def step(name: str, emit: Emit) -> Iterator[Say]:
    """A step while it is taken; what is yielded logs a line of it."""
    from bake.descriptor import digest_of

    taken = Vertex(digest_of(f"{name}\0{time.time_ns()}".encode()), name, started=time.time())

    def tell(vertex: Vertex) -> None:
        emit(Event(SolveStatus(vertexes=(vertex,))))

    def say(line: str) -> None:
        emit(Event(SolveStatus(logs=(VertexLog(taken.digest, 1, f"{line}\n".encode(), time.time()),))))

    tell(taken)
    try:
        yield say
    except Exception as exc:
        tell(replace(taken, completed=time.time(), error=str(exc)))
        raise
    tell(replace(taken, completed=time.time()))
