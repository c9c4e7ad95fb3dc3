"""`--progress=json`: each line a record of the published schema, each fact told once."""

from __future__ import annotations

import io
import json
from typing import Any

from jsonschema import Draft202012Validator

from bake.errors import Failure, SolveError, SourceExcerpt
from bake.progress import (
    Ending,
    Event,
    Note,
    Phase,
    SolveStatus,
    Summary,
    TargetPhase,
    Vertex,
    VertexLog,
    VertexStatus,
    VertexWarning,
)
from bake.ui.json_lines import JsonLines
from tools import schemas

VALIDATOR = Draft202012Validator(json.loads(schemas.PROGRESS.read_text()))


def written(*events: Event) -> list[dict[str, Any]]:
    """The records of a run at the start of 1970, without their times; each is valid."""
    out = io.StringIO()
    display = JsonLines(out, lambda: 5.0, "building")
    for event in events:
        display(event)
    display.close()
    found = [json.loads(line) for line in out.getvalue().splitlines()]
    for record in found:
        assert [error.message for error in VALIDATOR.iter_errors(record)] == [], record
        assert record.pop("time") == "1970-01-01T00:00:05.000000Z"
    return found


def of_app(*, vertexes: tuple[Vertex, ...] = (), **parts: Any) -> Event:
    return Event(SolveStatus(vertexes=vertexes, **parts), "app", "n0", ("linux/amd64",))


ABOUT_APP = {"target": "app", "node": "n0", "platforms": ["linux/amd64"]}


def test_the_schema_is_fresh() -> None:
    assert schemas.PROGRESS.read_text() == schemas.progress_text(), "run `make schemas`"


def test_a_run_starts_with_the_version_of_the_format() -> None:
    assert written() == [{"type": "run", "version": 1, "description": "building"}]


def test_phases_carry_errors_and_reasons() -> None:
    failed = TargetPhase(Phase.FAILED, 1.0, SolveError("It broke", failure=Failure.STEP, detail="why"))
    skipped = TargetPhase(Phase.SKIPPED, 1.0, reason="`app` failed")

    assert written(Event(failed, "app", "n0", ("linux/amd64",)), Event(skipped, "web"))[1:] == [
        {"type": "target", "phase": "failed", "error": "It broke; why", **ABOUT_APP},
        {"type": "target", "phase": "skipped", "reason": "`app` failed", "target": "web"},
    ]


def test_a_step_is_told_when_it_changes() -> None:
    begun, ended = Vertex("d1", "[1/1] RUN x", started=1.0), Vertex("d1", "[1/1] RUN x", (), True, 1.0, 3.5)
    moving = VertexStatus("layer", "d1", current=5, total=9, started=1.0)
    step = {"type": "step", "step": "d1", "name": "[1/1] RUN x", "targets": ["app"], "cached": False}
    started = "1970-01-01T00:00:01.000000Z"

    assert written(
        of_app(vertexes=(begun,)),
        of_app(vertexes=(begun,), statuses=(moving,)),
        of_app(vertexes=(ended,)),
    )[1:] == [
        {**step, "started": started, **ABOUT_APP},
        {"type": "transfer", "step": "d1", "id": "layer", "current": 5, "total": 9, "started": started}
        | ABOUT_APP,
        {**step, "cached": True, "started": started, "completed": "1970-01-01T00:00:03.500000Z"}
        | {"seconds": 2.5, **ABOUT_APP},
    ]


def test_a_character_that_is_cut_comes_whole() -> None:
    halves = "é".encode()
    logs = [of_app(logs=(VertexLog("d1", 2, halves[at : at + 1], 2.0),)) for at in (0, 1)]

    texts = [one["text"] for one in written(*logs) if one["type"] == "log"]

    assert texts == ["", "é"]


def test_a_shared_step_says_its_log_once() -> None:
    status = SolveStatus((Vertex("d1", "RUN x", started=1.0),), (), (VertexLog("d1", 1, b"hi\n", 2.0),))

    found = written(Event(status, "app"), Event(status, "web"))

    assert [one["target"] for one in found if one["type"] == "log"] == ["app"]
    assert [one["targets"] for one in found if one["type"] == "step"] == [["app"], ["app", "web"]]


def test_warnings_and_notes() -> None:
    warning = VertexWarning("d1", 1, "Casing", ("Use AS",), "https://x", "Dockerfile", "", ((1, 2),))

    found = written(of_app(warnings=(warning,)), Event(Note("Careful", warning=True, hint="do so")))

    assert {
        "type": "warning",
        "step": "d1",
        "text": "Casing",
        "detail": ["Use AS"],
        "url": "https://x",
        "file": "Dockerfile",
        "lines": [[1, 2]],
        **ABOUT_APP,
    } in found
    assert found[-1] == {"type": "note", "level": "warning", "text": "Careful", "hint": "do so"}


def test_the_summary_is_the_last_line() -> None:
    excerpt = SourceExcerpt("Dockerfile", "FROM x", [(4, 4)])
    error = SolveError("It broke", failure=Failure.STEP, sources=[excerpt])
    endings = (
        Ending("app", Phase.FINISHED, ("linux/amd64",), "sha256:1", 120),
        Ending("web", Phase.FAILED, error=error),
        Ending("docs", Phase.SKIPPED, reason="`web` failed"),
    )

    *_, last = written(
        Event(Summary(endings)),
        Event(TargetPhase(Phase.STARTED, 1.0), "app"),
        Event(TargetPhase(Phase.FINISHED, 2.25), "app"),
    )

    assert last == {
        "type": "summary",
        "targets": [
            {"target": "app", "result": "finished", "platforms": ["linux/amd64"], "seconds": 1.25}
            | {"cached": 0, "steps": 0, "size": 120, "digest": "sha256:1"},
            {"target": "web", "result": "failed", "platforms": [], "cached": 0, "steps": 0}
            | {"error": "It broke", "place": "Dockerfile:4"},
            {"target": "docs", "result": "skipped", "platforms": [], "cached": 0, "steps": 0}
            | {"reason": "`web` failed"},
        ],
    }
