"""The fold: what displays are told, and that a shared step's log stands once."""

from __future__ import annotations

from collections import deque

from bake.progress import (
    Event,
    Note,
    Phase,
    ProgressGroup,
    SolveStatus,
    TargetPhase,
    Vertex,
    VertexLog,
    VertexWarning,
)
from bake.ui.trace import LOG_KEPT, Trace


def status(target: str, *vertexes: Vertex, logs: tuple[VertexLog, ...] = ()) -> Event:
    return Event(SolveStatus(vertexes=vertexes, logs=logs), target=target, node="n0")


def test_updates_of_one_digest_are_one_step() -> None:
    trace = Trace()
    trace.apply(status("app", Vertex("d1", "RUN true", inputs=("d0",))))
    trace.apply(status("app", Vertex("d1", started=10.0)))
    trace.apply(status("app", Vertex("d1", started=10.0, completed=12.5)))
    (step,) = trace.steps
    assert (step.name, step.inputs, step.started, step.completed) == ("RUN true", ("d0",), 10.0, 12.5)
    assert step.busy(99.0) == 2.5


def test_a_step_that_starts_again_is_open_until_its_last_interval_ends() -> None:
    trace = Trace()
    trace.apply(status("app", Vertex("d1", "x", started=1.0, completed=2.0)))
    trace.apply(status("app", Vertex("d1", started=5.0)))
    assert trace.steps[0].completed is None
    trace.apply(status("app", Vertex("d1", started=5.0, completed=6.0)))
    assert trace.steps[0].completed == 6.0
    assert trace.steps[0].busy(6.0) == 2.0


def test_overlapping_intervals_count_once() -> None:
    trace = Trace()
    trace.apply(status("app", Vertex("d1", "x", started=1.0, completed=5.0)))
    trace.apply(status("app", Vertex("d1", started=2.0, completed=4.0)))
    assert trace.steps[0].busy(5.0) == 4.0


def test_a_shared_steps_log_is_taken_from_one_build_only() -> None:
    trace = Trace()
    log = VertexLog("d1", 1, b"hello\n", 3.0)
    first = trace.apply(status("app", Vertex("d1", "RUN echo", started=1.0), logs=(log,)))
    second = trace.apply(status("web", Vertex("d1", "RUN echo", started=1.0), logs=(log,)))
    assert [line.data for _, line in first.logs] == [b"hello\n"]
    assert second.logs == ()
    assert trace.steps[0].targets == ["app", "web"]
    assert trace.steps[0].log == deque([b"hello\n"])


def test_the_same_digest_on_two_nodes_is_two_steps() -> None:
    trace = Trace()
    for node in ("a", "b"):
        trace.apply(Event(SolveStatus(vertexes=(Vertex("d1", "x"),)), "app", node))
    assert [step.node for step in trace.steps] == ["a", "b"]


def test_a_progress_groups_vertexes_are_one_step_with_the_groups_name() -> None:
    trace = Trace()
    group = ProgressGroup("g", "[2/3] COPY --link . .")
    trace.apply(status("app", Vertex("d1", "copy", group=group, started=1.0, completed=2.0)))
    trace.apply(status("app", Vertex("d2", "merge", group=group, started=2.0)))
    (step,) = trace.steps
    assert step.name == "[2/3] COPY --link . ."
    assert step.completed is None
    trace.apply(status("app", Vertex("d2", group=group, started=2.0, completed=4.0)))
    assert step.completed == 4.0


def test_a_warning_that_two_builds_report_is_kept_once() -> None:
    trace = Trace()
    warning = VertexWarning("d1", short="FromAsCasing")
    for target in ("app", "web"):
        trace.apply(Event(SolveStatus(warnings=(warning,)), target, "n0"))
    assert trace.warnings == [warning]


def test_jobs_follow_their_phases() -> None:
    trace = Trace()
    for phase, at in ((Phase.WAITING, 1.0), (Phase.STARTED, 2.0), (Phase.RETRYING, 3.0)):
        trace.apply(Event(TargetPhase(phase, at), "app", "n0"))
    trace.apply(Event(TargetPhase(Phase.STARTED, 4.0), "app", "n0"))
    (job,) = trace.jobs
    assert (job.phase, job.started, job.ended) == (Phase.STARTED, 2.0, None)
    trace.apply(Event(TargetPhase(Phase.SKIPPED, 5.0, reason="`base` failed"), "app", "n0"))
    assert (job.phase, job.ended, job.reason) == (Phase.SKIPPED, 5.0, "`base` failed")


def test_a_canceled_step_has_not_failed() -> None:
    trace = Trace()
    trace.apply(status("app", Vertex("d1", "a", error="context canceled"), Vertex("d2", "b", error="boom")))
    assert [step.name for step in trace.failed_steps()] == ["b"]


def test_notes_are_kept_in_order() -> None:
    trace = Trace()
    for text in ("one", "two"):
        trace.apply(Event(Note(text)))
    assert [note.text for note in trace.notes] == ["one", "two"]


def test_only_the_end_of_a_long_log_is_kept_until_the_step_has_succeeded() -> None:
    trace = Trace()
    trace.apply(Event(SolveStatus((Vertex("d1", "RUN x", started=1.0),)), "app", "n0"))
    for piece in (b"first", bytes(LOG_KEPT - 3), b"last"):
        trace.apply(Event(SolveStatus(logs=(VertexLog("d1", 1, piece, 2.0),)), "app", "n0"))
    step = trace.steps[0]
    kept = list(step.log)
    trace.apply(Event(SolveStatus((Vertex("d1", "RUN x", started=1.0, completed=3.0),)), "app", "n0"))

    assert kept == [b"last"]
    assert not step.log
