"""BuildKit's status stream: messages to `bake.progress` records, and the last words of each step.

Takes serialized StatusResponses, gives `SolveStatus`; a `Steps` folds them as far as an error needs it.
Nothing is merged or hidden: digests repeat as they came.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from bake.buildkit.messages.status_pb2 import StatusResponse
from bake.buildkit.stream import parsed
from bake.buildkit.times import seconds
from bake.progress import ProgressGroup, SolveStatus, Vertex, VertexLog, VertexStatus, VertexWarning

if TYPE_CHECKING:
    from bake.buildkit.messages import llb_pb2, status_pb2

TAIL = 16384
"""Bytes of output kept for each step."""
TAIL_LINES = 20


def parse(message: bytes) -> SolveStatus:
    """One serialized StatusResponse as a record. Raises RpcError for bytes that are none."""
    response = parsed(StatusResponse, message)
    return SolveStatus(
        vertexes=tuple(map(_vertex, response.vertexes)),
        statuses=tuple(map(_status, response.statuses)),
        logs=tuple(map(_log, response.logs)),
        warnings=tuple(map(_warning, response.warnings)),
    )


def _vertex(vertex: status_pb2.Vertex) -> Vertex:
    group = vertex.progress_group
    return Vertex(
        digest=vertex.digest,
        name=vertex.name,
        inputs=tuple(vertex.inputs),
        cached=vertex.cached,
        started=seconds(vertex, "started"),
        completed=seconds(vertex, "completed"),
        error=vertex.error,
        group=ProgressGroup(group.id, group.name, group.weak) if vertex.HasField("progress_group") else None,
    )


def _status(status: status_pb2.VertexStatus) -> VertexStatus:
    return VertexStatus(
        id=status.id,
        vertex=status.vertex,
        name=status.name,
        current=status.current,
        total=status.total,
        timestamp=seconds(status, "timestamp"),
        started=seconds(status, "started"),
        completed=seconds(status, "completed"),
    )


def _log(log: status_pb2.VertexLog) -> VertexLog:
    return VertexLog(vertex=log.vertex, stream=log.stream, data=log.msg, timestamp=seconds(log, "timestamp"))


def _warning(warning: status_pb2.VertexWarning) -> VertexWarning:
    return VertexWarning(
        vertex=warning.vertex,
        level=warning.level,
        short=warning.short.decode(errors="replace"),
        detail=tuple(line.decode(errors="replace") for line in warning.detail),
        url=warning.url,
        filename=warning.info.filename,
        source=warning.info.data.decode(errors="replace"),
        language=warning.info.language,
        ranges=tuple(map(_lines, warning.ranges)),
    )


def _lines(found: llb_pb2.Range) -> tuple[int, int]:
    return found.start.line, max(found.end.line, found.start.line)


class Steps:
    """What an error wants to know of a build's steps: their names, which failed, what they said last."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._errors: dict[str, str] = {}
        self._said: dict[str, deque[bytes]] = {}

    def add(self, status: SolveStatus) -> None:
        for vertex in status.vertexes:
            self._names[vertex.digest] = vertex.name or self._names.get(vertex.digest, "")
            if vertex.error:
                self._errors[vertex.digest] = vertex.error
        for log in status.logs:
            _keep(self._said.setdefault(log.vertex, deque()), log.data)

    def name(self, digest: str) -> str:
        return self._names.get(digest, "")

    def failed(self) -> str:
        """The digest of the first step that failed on its own account, "" if none did."""
        return next((digest for digest, error in self._errors.items() if "context canceled" not in error), "")

    def error(self, digest: str) -> str:
        return self._errors.get(digest, "")

    def tail(self, digest: str) -> tuple[str, ...]:
        """The last lines that the step printed."""
        lines = b"".join(self._said.get(digest, ())).decode(errors="replace").splitlines()
        return tuple(lines[-TAIL_LINES:])


def _keep(said: deque[bytes], data: bytes) -> None:
    said.append(data)
    while len(said) > 1 and sum(map(len, said)) - len(said[0]) >= TAIL:
        said.popleft()
