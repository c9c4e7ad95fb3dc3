"""Events, folded once: every display reads this, so no two displays can differ in facts.

Takes `Event`s in the order they come, gives `Step`s (BuildKit's vertexes with all that is known of
them) and `Job`s (targets with their phase). Deciding what a person sees is the displays' affair.

A step is one vertex of one node. Builds that share it each report it in full; its log and its warnings
are taken from the first that does (as buildx's ValidateLogSource), or lines would stand twice.
"""

from __future__ import annotations

from collections import deque
from dataclasses import field
from typing import TYPE_CHECKING

from bake.progress import Note, Phase, SolveStatus, Summary, TargetPhase
from bake.record import record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bake.errors import BakeError
    from bake.progress import Event, Vertex, VertexLog, VertexStatus, VertexWarning

CANCELED = "context canceled"
LOG_KEPT = 1 << 20
"""Bytes of a step's output that are kept, the last ones, until it has succeeded."""


@record(frozen=False)
class Step:
    """One vertex of one node, as far as it is known. Times are seconds since the epoch."""

    digest: str
    node: str
    targets: list[str]
    name: str = ""
    inputs: tuple[str, ...] = ()
    cached: bool = False
    error: str = ""
    intervals: dict[float, float | None] = field(default_factory=dict)
    statuses: dict[str, VertexStatus] = field(default_factory=dict)
    log: deque[bytes] = field(default_factory=deque)
    log_size: int = 0
    log_source: str | None = None
    warnings: list[VertexWarning] = field(default_factory=list)

    @property
    def target(self) -> str:
        """The target that reported it first."""
        return self.targets[0] if self.targets else ""

    @property
    def started(self) -> float | None:
        return min(self.intervals) if self.intervals else None

    @property
    def completed(self) -> float | None:
        """When its last interval ended, None while one is open or before it started."""
        ends = list(self.intervals.values())
        if not ends or None in ends:
            return None
        return max(end for end in ends if end is not None)

    @property
    def is_canceled(self) -> bool:
        return self.error.endswith(CANCELED)

    @property
    def has_failed(self) -> bool:
        return bool(self.error) and not self.is_canceled

    def keep_log(self, data: bytes) -> None:
        """Take a piece of output; the oldest pieces go when there is too much."""
        self.log.append(data)
        self.log_size += len(data)
        while self.log_size > LOG_KEPT and len(self.log) > 1:
            self.log_size -= len(self.log.popleft())

    def busy(self, now: float) -> float:
        """Seconds during which it ran, overlaps counted once, an open interval up to `now`."""
        total, reach = 0.0, float("-inf")
        for start, end in sorted(
            (start, now if end is None else end) for start, end in self.intervals.items()
        ):
            total += max(0.0, end - max(start, reach))
            reach = max(reach, end)
        return total


@record(frozen=False)
class Job:
    """One target on one node: the unit that a person asked for."""

    target: str
    node: str
    platforms: tuple[str, ...] = ()
    phase: Phase = Phase.WAITING
    started: float | None = None
    ended: float | None = None
    reason: str = ""
    error: BakeError | None = None


@record
class Change:
    """What one event changed: the steps it touched, the log lines it brought, the warnings, the notes."""

    steps: tuple[Step, ...] = ()
    logs: tuple[tuple[Step, VertexLog], ...] = ()
    statuses: tuple[tuple[Step, VertexStatus], ...] = ()
    warnings: tuple[tuple[Step, VertexWarning], ...] = ()
    note: Note | None = None
    job: Job | None = None


class Trace:
    """The fold."""

    def __init__(self) -> None:
        self._steps: dict[tuple[str, str], Step] = {}
        self._jobs: dict[tuple[str, str, tuple[str, ...]], Job] = {}
        self.notes: list[Note] = []
        self.summary: Summary | None = None

    @property
    def steps(self) -> list[Step]:
        """Each step once, in the order in which they were heard of."""
        return list({id(step): step for step in self._steps.values()}.values())

    @property
    def jobs(self) -> list[Job]:
        return list(self._jobs.values())

    @property
    def warnings(self) -> list[VertexWarning]:
        return [warning for step in self.steps for warning in step.warnings]

    def failed_steps(self) -> Iterator[Step]:
        return (step for step in self.steps if step.has_failed)

    def apply(self, event: Event) -> Change:
        """Fold one event and say what it changed."""
        body = event.body
        if isinstance(body, SolveStatus):
            return self._apply_status(event, body)
        if isinstance(body, TargetPhase):
            return Change(job=self._apply_phase(event, body))
        if isinstance(body, Summary):
            self.summary = body
            return Change()
        self.notes.append(body)
        return Change(note=body)

    def _apply_phase(self, event: Event, body: TargetPhase) -> Job:
        key = (event.target, event.node, event.platforms)
        job = self._jobs.setdefault(key, Job(event.target, event.node, event.platforms))
        job.phase, job.reason, job.error = body.phase, body.reason, body.error
        if body.phase is Phase.STARTED and job.started is None:
            job.started = body.at
        elif body.phase not in (Phase.WAITING, Phase.STARTED, Phase.RETRYING):
            job.ended = body.at
        return job

    def _apply_status(self, event: Event, body: SolveStatus) -> Change:
        touched: dict[int, Step] = {}
        for vertex in body.vertexes:
            step = self._step_of_vertex(event, vertex)
            joined = _join(step, event.target)
            if _merge_vertex(step, vertex) or joined:
                touched[id(step)] = step
        statuses = []
        for status in body.statuses:
            step = self._step(event, status.vertex)
            step.statuses[status.id] = status
            touched[id(step)] = step
            statuses.append((step, status))
        logs = [(taker, log) for log in body.logs if (taker := self._take_log(event, log))]
        warnings = [(taker, one) for one in body.warnings if (taker := self._take_warning(event, one))]
        touched.update((id(step), step) for step, _ in [*logs, *warnings])
        return Change(tuple(touched.values()), tuple(logs), tuple(statuses), tuple(warnings))

    def _step(self, event: Event, digest: str) -> Step:
        step = self._found(event, digest)
        _join(step, event.target)
        return step

    def _found(self, event: Event, digest: str) -> Step:
        key = (event.node, digest)
        step = self._steps.get(key)
        if step is None:
            step = self._steps[key] = Step(digest, event.node, [])
        return step

    def _step_of_vertex(self, event: Event, vertex: Vertex) -> Step:
        """The vertexes of a progress group are one step, named by the group."""
        if vertex.group is None:
            return self._found(event, vertex.digest)
        step = self._found(event, vertex.group.id)
        self._steps.setdefault((event.node, vertex.digest), step)
        return step

    def _take_log(self, event: Event, log: VertexLog) -> Step | None:
        step = self._step(event, log.vertex)
        if step.log_source is None:
            step.log_source = event.target
        if step.log_source != event.target:
            return None
        step.keep_log(log.data)
        return step

    def _take_warning(self, event: Event, warning: VertexWarning) -> Step | None:
        step = self._step(event, warning.vertex)
        if warning in step.warnings:
            return None
        step.warnings.append(warning)
        return step


def _join(step: Step, target: str) -> bool:
    """Add `target` to those that share `step`; True if it is new there."""
    if not target or target in step.targets:
        return False
    step.targets.append(target)
    return True


def _merge_vertex(step: Step, vertex: Vertex) -> bool:
    """Take what `vertex` adds; True if anything a person could see has changed."""
    before = (step.name, step.cached, step.error, dict(step.intervals))
    step.name = (vertex.group.name if vertex.group else vertex.name) or step.name
    step.inputs = vertex.inputs or step.inputs
    step.cached = vertex.cached or step.cached
    step.error = vertex.error or step.error
    if vertex.started is not None:
        step.intervals[vertex.started] = vertex.completed or step.intervals.get(vertex.started)
    if step.completed is not None and not step.error:
        step.log.clear()
        step.log_size = 0
    return before != (step.name, step.cached, step.error, step.intervals)
