"""BuildKit's status JSON, key by key (client/graph.go)."""

from __future__ import annotations

import io
import json

from bake.progress import Event, Note, ProgressGroup, SolveStatus, Vertex, VertexLog, VertexStatus
from bake.ui.rawjson import RawJson


def written(*events: Event) -> list[object]:
    out = io.StringIO()
    display = RawJson(out)
    for event in events:
        display(event)
    display.close()
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_a_status_message_is_one_line_with_buildkits_keys() -> None:
    status = SolveStatus(
        vertexes=(Vertex("d1", "x", ("d0",), True, 1.5, 2.0, "", ProgressGroup("g", "name")),),
        statuses=(VertexStatus("id", "d1", "", 0, 5, 1.5, 1.0, None),),
        logs=(VertexLog("d1", 2, b"\xff", 1.0),),
    )
    assert written(Event(status, "app", "n0")) == [
        {
            "vertexes": [
                {
                    "digest": "d1",
                    "inputs": ["d0"],
                    "name": "x",
                    "started": "1970-01-01T00:00:01.500000Z",
                    "completed": "1970-01-01T00:00:02.000000Z",
                    "cached": True,
                    "progressGroup": {"id": "g", "name": "name"},
                }
            ],
            "statuses": [
                {
                    "id": "id",
                    "vertex": "d1",
                    "total": 5,
                    "current": 0,
                    "timestamp": "1970-01-01T00:00:01.500000Z",
                    "started": "1970-01-01T00:00:01.000000Z",
                }
            ],
            "logs": [
                {"vertex": "d1", "stream": 2, "data": "/w==", "timestamp": "1970-01-01T00:00:01.000000Z"}
            ],
        }
    ]


def test_what_is_not_buildkits_is_left_out() -> None:
    assert written(Event(Note("hello"))) == []
