"""What happens during a build, as records. The engine and the client emit them, displays fold them.

`Vertex`, `VertexStatus`, `VertexLog` and `VertexWarning` are BuildKit's, with times as float seconds
since the epoch (None where BuildKit says nothing yet). An `Event` carries target and node from birth.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from bake.record import record

if TYPE_CHECKING:
    from collections.abc import Callable

    from bake.errors import BakeError


@record
class ProgressGroup:
    id: str
    name: str = ""
    weak: bool = False


@record
class Vertex:
    """One step. The same digest comes several times, each time with what is known then."""

    digest: str
    name: str = ""
    inputs: tuple[str, ...] = ()
    cached: bool = False
    started: float | None = None
    completed: float | None = None
    error: str = ""
    group: ProgressGroup | None = None


@record
class VertexStatus:
    """One running piece of work inside a step; `current` and `total` are bytes for transfers."""

    id: str
    vertex: str
    name: str = ""
    current: int = 0
    total: int = 0
    timestamp: float | None = None
    started: float | None = None
    completed: float | None = None


@record
class VertexLog:
    """Output of a step: `stream` 1 is standard output, 2 standard error."""

    vertex: str
    stream: int
    data: bytes
    timestamp: float | None = None


@record
class VertexWarning:
    """A warning about a step; `ranges` are (first, last) line pairs of `filename`, from 1. `language` is
    the file's (`Dockerfile`)."""

    vertex: str
    level: int = 0
    short: str = ""
    detail: tuple[str, ...] = ()
    url: str = ""
    filename: str = ""
    source: str = ""
    ranges: tuple[tuple[int, int], ...] = ()
    language: str = ""


@record
class SolveStatus:
    """One message of BuildKit's status stream."""

    vertexes: tuple[Vertex, ...] = ()
    statuses: tuple[VertexStatus, ...] = ()
    logs: tuple[VertexLog, ...] = ()
    warnings: tuple[VertexWarning, ...] = ()


class Phase(Enum):
    """The life of one Solve, as the engine sees it."""

    WAITING = "waiting"
    STARTED = "started"
    RETRYING = "retrying"
    FINISHED = "finished"
    FAILED = "failed"
    SKIPPED = "skipped"
    CANCELED = "canceled"


@record
class TargetPhase:
    """A Solve changed its phase; `error` with FAILED and RETRYING, `reason` in words with SKIPPED."""

    phase: Phase
    at: float
    error: BakeError | None = None
    reason: str = ""


@record
class Note:
    """Something a person should read once: a warning, or a fact about how it is done."""

    text: str
    warning: bool = False
    hint: str = ""


@record
class Ending:
    """How one target ended: finished, failed (with `error`), skipped (with `reason`) or canceled.

    `digest` is its image's, "" without one; `size` what a registry stores of that image, in bytes, None if
    unknown. `same_as` names the target that was built in its place, being the same build.
    """

    target: str
    phase: Phase
    platforms: tuple[str, ...] = ()
    digest: str = ""
    size: int | None = None
    error: BakeError | None = None
    reason: str = ""
    same_as: str = ""


@record
class Summary:
    """The last event of a run: how each target ended, in the order of the plan."""

    endings: tuple[Ending, ...]


@record
class Event:
    """One thing that happened. `target` and `node` are "" where it concerns the whole run."""

    body: SolveStatus | TargetPhase | Note | Summary
    target: str = ""
    node: str = ""
    platforms: tuple[str, ...] = ()


if TYPE_CHECKING:
    Emit = Callable[[Event], None]
