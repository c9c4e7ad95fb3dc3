"""BuildKit's status stream as JSON, a message a line: the format of `docker buildx --progress=rawjson`."""

from __future__ import annotations

import json
from base64 import b64encode
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from bake.progress import SolveStatus

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
    return _kept(
        vertexes=[_vertex(one) for one in status.vertexes],
        statuses=[_status(one) for one in status.statuses],
        logs=[_log(one) for one in status.logs],
        warnings=[_warning(one) for one in status.warnings],
    )


def _vertex(vertex: Vertex) -> dict[str, Any]:
    group = vertex.group
    return _kept(
        digest=vertex.digest,
        inputs=list(vertex.inputs),
        name=vertex.name,
        started=_time(vertex.started),
        completed=_time(vertex.completed),
        cached=vertex.cached,
        error=vertex.error,
        progressGroup=group and _kept(id=group.id, name=group.name, weak=group.weak),
    )


def _status(status: VertexStatus) -> dict[str, Any]:
    return {
        "id": status.id,
        **_kept(vertex=status.vertex, name=status.name, total=status.total),
        "current": status.current,
        "timestamp": _time(status.timestamp),
        **_kept(started=_time(status.started), completed=_time(status.completed)),
    }


def _log(log: VertexLog) -> dict[str, Any]:
    return {
        **_kept(vertex=log.vertex, stream=log.stream),
        "data": b64encode(log.data).decode(),
        "timestamp": _time(log.timestamp),
    }


def _warning(warning: VertexWarning) -> dict[str, Any]:
    return _kept(
        vertex=warning.vertex,
        level=warning.level,
        short=_base64(warning.short),
        detail=[_base64(line) for line in warning.detail],
        url=warning.url,
        sourceInfo=_kept(filename=warning.filename, data=_base64(warning.source), language=warning.language),
        range=[{"start": {"line": first}, "end": {"line": last}} for first, last in warning.ranges],
    )


def _kept(**fields: Any) -> dict[str, Any]:
    """Go's omitempty."""
    return {name: value for name, value in fields.items() if value}


def _base64(text: str) -> str:
    return b64encode(text.encode()).decode()


def _time(at: float | None) -> str | None:
    """RFC 3339 in UTC with microseconds, Go's zero time as None."""
    if at is None:
        return None
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
