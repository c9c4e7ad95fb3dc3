"""What a report tells, decided: targets, steps on a time line, the critical path, failures.

Takes the fold of a run (`ui.trace`) with its summary, gives one frozen `Report`; how it looks is decided
elsewhere. Its rules: times are seconds since the run began, so that reports can be compared; text goes
through `hide`, which knows the run's secrets, before it goes anywhere else.
"""

from __future__ import annotations

import re
from dataclasses import field
from enum import Enum
from typing import TYPE_CHECKING

from bake.progress import Phase, TargetPhase
from bake.record import record
from bake.ui.summary import place_of, rows
from bake.ui.trace import Trace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from bake.errors import BakeError
    from bake.progress import Event
    from bake.ui.summary import Row
    from bake.ui.trace import Job, Step

SLACK = 0.01
"""Seconds that clocks of a step and its inputs may differ by."""
_PLATFORM = re.compile(r"\[([a-z0-9]+/[a-z0-9]+(?:/[a-z0-9]+)?)[ \]]")
"""How the name of a step of several platforms begins: `[linux/arm64 2/5] RUN …`."""
_CREDENTIALS = re.compile(r"(?<=://)[^/\s@]+:[^/\s@]+(?=@)")
HIDDEN = "***"


class Kind(Enum):
    """What a bar of the time line stands for."""

    WAITING = "waiting"
    CACHED = "cached"
    RUN = "run"
    EMULATED = "emulated"
    EXPORTING = "exporting"
    PUSHING = "pushing"
    FAILED = "failed"
    CANCELED = "canceled"


@record
class Bar:
    """A stretch of time, `start` to `end`."""

    kind: Kind
    start: float
    end: float

    @property
    def seconds(self) -> float:
        return self.end - self.start


@record
class StepLine:
    """One step: `id` is its place among all steps. `size` is what it transferred, in bytes."""

    id: int
    name: str
    node: str
    targets: tuple[str, ...]
    bar: Bar
    platform: str = ""
    size: int = 0
    critical: bool = False
    error: str = ""


@record
class TargetLine:
    """One target. `bars` are its waiting and its running on each node; `steps` the ids of those it has."""

    name: str
    phase: Phase
    platforms: tuple[str, ...]
    bars: tuple[Bar, ...]
    steps: tuple[int, ...]
    seconds: float | None
    cached: int
    counted: int
    size: int | None
    digest: str
    reason: str = ""
    place: str = ""


@record
class Failure:
    """A failed step or target: what failed, the message, the last lines of its output."""

    target: str
    what: str
    message: str
    hint: str = ""
    log: tuple[str, ...] = ()


@record
class Report:
    """All of it. `began` is in seconds since the epoch, `seconds` what the run took."""

    title: str
    builder: str
    began: float
    seconds: float
    targets: tuple[TargetLine, ...]
    steps: tuple[StepLine, ...]
    critical: tuple[int, ...]
    failures: tuple[Failure, ...]
    warnings: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def ok(self) -> bool:
        return all(target.phase is Phase.FINISHED for target in self.targets)

    def count(self, phase: Phase) -> int:
        """How many targets ended so."""
        return sum(target.phase is phase for target in self.targets)

    @property
    def cached(self) -> int:
        """Steps that came from the cache."""
        return sum(step.bar.kind is Kind.CACHED for step in self.steps)

    @property
    def critical_seconds(self) -> float:
        """What the steps on the critical path took."""
        return sum(self.steps[index].bar.seconds for index in self.critical)


@record(frozen=False)
class Recorder:
    """Takes a run's events, and gives its report at the end.

    `builder` is the run's first line. `is_emulated` says whether a node emulates a platform. `hide` takes
    secrets out of a text.
    """

    builder: str
    is_emulated: Callable[[str, str], bool] = lambda _node, _platform: False
    hide: Callable[[str], str] = lambda text: text
    trace: Trace = field(default_factory=Trace)
    moments: list[float] = field(default_factory=list)

    def __call__(self, event: Event) -> None:
        """Fold one event."""
        self.trace.apply(event)
        if isinstance(event.body, TargetPhase):
            self.moments.append(event.body.at)

    def report(self) -> Report:
        """The report of what has happened so far."""
        return _Made(self).report()


def hiding(secrets: Sequence[str]) -> Callable[[str], str]:
    """Takes `secrets` out of a text, the longest first, and passwords of URLs."""
    known = sorted({one for one in secrets if one}, key=len, reverse=True)

    def hide(text: str) -> str:
        for secret in known:
            text = text.replace(secret, HIDDEN)
        return _CREDENTIALS.sub(HIDDEN, text)

    return hide


class _Made:
    """One report in the making."""

    def __init__(self, recorder: Recorder) -> None:
        self._trace = recorder.trace
        self._recorder = recorder
        self._hide = recorder.hide
        starts = [step.started for step in self._trace.steps if step.started is not None]
        ends = [step.completed for step in self._trace.steps if step.completed is not None]
        # clocks of engines may be behind ours, or before
        self._began = min((*recorder.moments, *starts), default=0.0)
        self._ended = max((*recorder.moments, *starts, *ends), default=self._began)
        self._shown = [step for step in self._trace.steps if step.started is not None and step.name]

    def report(self) -> Report:
        critical = critical_path(self._shown)
        steps = tuple(self._step(index, step, index in critical) for index, step in enumerate(self._shown))
        targets = tuple(self._target(row) for row in rows(self._trace))
        return Report(
            title=_title(targets),
            builder=self._hide(self._recorder.builder),
            began=self._began,
            seconds=max(0.0, self._since(self._ended)),
            targets=targets,
            steps=steps,
            critical=tuple(critical),
            failures=tuple(self._failures()),
            warnings=tuple(self._hide(one.short) for one in self._trace.warnings),
            notes=tuple(self._hide(one.text) for one in self._trace.notes),
        )

    def _step(self, index: int, step: Step, critical: bool) -> StepLine:
        start = self._since(self._began if step.started is None else step.started)
        end = self._since(self._ended if step.completed is None else step.completed)
        platform = self._platform(step)
        size = sum(max(one.current, one.total) for one in step.statuses.values())
        bar = Bar(self._kind(step, platform), start, max(start, end))
        name, error = self._hide(step.name), self._hide(step.error)
        return StepLine(index, name, step.node, tuple(step.targets), bar, platform, size, critical, error)

    def _since(self, moment: float) -> float:
        """Seconds since the run began, to the microsecond."""
        return round(moment - self._began, 6)

    def _platform(self, step: Step) -> str:
        if found := _PLATFORM.match(step.name):
            return found[1]
        own = {
            platform for job in self._trace.jobs if job.target in step.targets for platform in job.platforms
        }
        return own.pop() if len(own) == 1 else ""

    def _kind(self, step: Step, platform: str) -> Kind:
        if step.is_canceled:
            return Kind.CANCELED
        if step.error:
            return Kind.FAILED
        if step.cached:
            return Kind.CACHED
        if any(one.startswith("pushing") for one in step.statuses) or step.name.startswith("pushing"):
            return Kind.PUSHING
        if step.name.startswith("exporting"):
            return Kind.EXPORTING
        runs = " RUN " in step.name
        emulated = runs and bool(platform) and self._recorder.is_emulated(step.node, platform)
        return Kind.EMULATED if emulated else Kind.RUN

    def _target(self, row: Row) -> TargetLine:
        ending = row.ending
        builder = ending.same_as or ending.target
        jobs = [job for job in self._trace.jobs if job.target == builder]
        steps = tuple(index for index, step in enumerate(self._shown) if builder in step.targets)
        reason = f"built as {ending.same_as}" if ending.same_as else ending.reason
        if ending.error is not None:
            reason = ending.error.summary
        return TargetLine(
            name=ending.target,
            phase=ending.phase,
            platforms=ending.platforms,
            bars=tuple(bar for job in jobs for bar in self._bars(job)),
            steps=steps,
            seconds=row.seconds,
            cached=row.cached,
            counted=row.steps,
            size=row.size,
            digest=ending.digest,
            reason=self._hide(reason),
            place=place_of(ending.error) if ending.error else "",
        )

    def _bars(self, job: Job) -> Iterator[Bar]:
        if job.started is None:
            return
        start, end = self._since(job.started), self._since(self._ended if job.ended is None else job.ended)
        yield Bar(Kind.WAITING, 0.0, start)
        yield Bar(_JOBS.get(job.phase, Kind.RUN), start, max(start, end))

    def _failures(self) -> Iterator[Failure]:
        logs = {target: step for step in self._trace.failed_steps() for target in step.targets}
        summary = self._trace.summary
        for ending in summary.endings if summary else ():
            if ending.error is not None:
                step = logs.get(ending.target)
                yield self._failure(ending.target, ending.error, step)

    def _failure(self, target: str, error: BakeError, step: Step | None) -> Failure:
        output = b"".join(step.log).decode("utf-8", "replace") if step else ""
        lines = self._hide(output).splitlines() or [self._hide(line) for line in getattr(error, "log", ())]
        what = getattr(error, "vertex_name", "") or (step.name if step else "")
        return Failure(
            target,
            self._hide(what),
            self._hide(str(error)),
            self._hide(error.hint or ""),
            tuple(lines[-LINES:]),
        )


LINES = 200
"""Lines of a failed step's output that are kept, the last ones."""

_JOBS: Mapping[Phase, Kind] = {Phase.FAILED: Kind.FAILED, Phase.CANCELED: Kind.CANCELED}


def _title(targets: Sequence[TargetLine]) -> str:
    built = sum(target.phase is Phase.FINISHED for target in targets)
    noun = "target" if len(targets) == 1 else "targets"
    return f"{built} of {len(targets)} {noun} built" if built < len(targets) else f"{built} {noun} built"


def critical_path(steps: Sequence[Step]) -> list[int]:
    """The steps that the end of the run waited for, first to last, by their place in `steps`.

    From the step that ended last backwards, always to the input that ended last. A step whose inputs are not
    known (an export) waited for the last step of its targets that ended before it began.
    """
    ends = {index: step.completed for index, step in enumerate(steps) if step.completed is not None}
    if not ends:
        return []
    by_digest = {(step.node, step.digest): index for index, step in enumerate(steps)}
    at: int | None = max(ends, key=lambda index: ends[index] or 0.0)
    path: list[int] = []
    while at is not None and at not in path:
        path.append(at)
        inputs = [by_digest.get((steps[at].node, digest)) for digest in steps[at].inputs]
        known = [one for one in inputs if one in ends] or _before(steps, ends, at)
        at = max(known, key=lambda index: ends[index] or 0.0) if known else None
    return path[::-1]


def _before(steps: Sequence[Step], ends: Mapping[int, float | None], at: int) -> list[int]:
    """The steps of the same targets that had ended when this one began."""
    started = (steps[at].started or 0.0) + SLACK
    return [
        index
        for index, end in ends.items()
        if index != at and (end or 0.0) <= started and set(steps[index].targets) & set(steps[at].targets)
    ]
