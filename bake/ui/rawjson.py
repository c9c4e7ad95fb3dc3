"""BuildKit's status stream as JSON, a message a line: the format of `docker buildx --progress=rawjson`."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import TYPE_CHECKING, Any

from bake.gojson import nonempty
from bake.progress import SolveStatus
from bake.ui.units import moment

if TYPE_CHECKING:
    from typing import TextIO

    from bake.progress import Event, Vertex, VertexLog, VertexStatus, VertexWarning


class RawJson:
    """Writes each `SolveStatus` to `out`; what is not BuildKit's has no place in this format."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def __call__(self, event: Event) -> None:
        if isinstance(event.body, SolveStatus):
            self._out.write(json.dumps(status_record(event.body), separators=(",", ":")) + "\n")
            self._out.flush()

    def tick(self) -> None:
        """Nothing waits here."""

    def close(self) -> None:
        self._out.flush()


def status_record(status: SolveStatus) -> dict[str, Any]:
    """`status` with the keys of BuildKit's client.SolveStatus; empty parts are left out."""
    return nonempty(
        vertexes=[_vertex(one) for one in status.vertexes],
        statuses=[_status(one) for one in status.statuses],
        logs=[_log(one) for one in status.logs],
        warnings=[_warning(one) for one in status.warnings],
    )


def _vertex(vertex: Vertex) -> dict[str, Any]:
    group = vertex.group
    return nonempty(
        digest=vertex.digest,
        inputs=list(vertex.inputs),
        name=vertex.name,
        started=moment(vertex.started),
        completed=moment(vertex.completed),
        cached=vertex.cached,
        error=vertex.error,
        progressGroup=group and nonempty(id=group.id, name=group.name, weak=group.weak),
    )


def _status(status: VertexStatus) -> dict[str, Any]:
    return {
        "id": status.id,
        **nonempty(vertex=status.vertex, name=status.name, total=status.total),
        "current": status.current,
        "timestamp": moment(status.timestamp),
        **nonempty(started=moment(status.started), completed=moment(status.completed)),
    }


def _log(log: VertexLog) -> dict[str, Any]:
    return {
        **nonempty(vertex=log.vertex, stream=log.stream),
        "data": b64encode(log.data).decode(),
        "timestamp": moment(log.timestamp),
    }


def _warning(warning: VertexWarning) -> dict[str, Any]:
    return nonempty(
        vertex=warning.vertex,
        level=warning.level,
        short=_base64(warning.short),
        detail=[_base64(line) for line in warning.detail],
        url=warning.url,
        sourceInfo=nonempty(
            filename=warning.filename, data=_base64(warning.source), language=warning.language
        ),
        range=[{"start": {"line": first}, "end": {"line": last}} for first, last in warning.ranges],
    )


def _base64(text: str) -> str:
    return b64encode(text.encode()).decode()
