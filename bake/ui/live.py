"""Progress on a terminal: a line for each target, its running steps below it, redrawn in place.

`layout` decides what is shown from the fold, the time and the screen's size, and is pure; `Live` draws it
with rich. What must outlast the screen (a failed step's whole log, warnings, notes) is printed above.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bake.progress import Phase
from bake.ui.plain import named
from bake.ui.trace import Trace
from bake.ui.units import human_bytes, human_seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TextIO

    from rich.console import RenderableType

    from bake.progress import Event, VertexStatus
    from bake.ui.trace import Job, Step

BAR = 12
FRAME = 0.2
"""Seconds between two drawings."""
MARKS = {
    Phase.WAITING: ("·", "dim"),
    Phase.STARTED: ("▸", "cyan"),
    Phase.RETRYING: ("↻", "yellow"),
    Phase.FINISHED: ("✔", "green"),
    Phase.FAILED: ("✘", "red"),
    Phase.SKIPPED: ("–", "yellow"),
    Phase.CANCELED: ("■", "yellow"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the screen: its left part, which is cut when it is too long, its right part, a style."""

    left: str
    right: str = ""
    style: str = ""

    def fit(self, width: int) -> str:
        """The line in exactly `width` characters at most."""
        room = max(0, width - len(self.right) - (1 if self.right else 0))
        left = self.left if len(self.left) <= room else self.left[: max(0, room - 1)] + "…"
        return (f"{left:{room}} {self.right}" if self.right else left)[:width]


def layout(trace: Trace, now: float, height: int) -> list[Line]:
    """At most `height` lines: a title, the targets, and below each what it is doing now.

    Where the screen is too small, finished targets go first, then waiting ones; what is left out is counted.
    """
    jobs = trace.jobs
    steps = trace.steps
    blocks = [(job, _job_lines(job, steps, now)) for job in jobs]
    room = max(1, height - 2)
    shown = _fitting(blocks, room)
    body = [line for job, lines in blocks if job in shown for line in lines]
    hidden = len(jobs) - len(shown)
    tail = [Line(f"   … {hidden} more", style="dim")] if hidden else []
    return [_title(jobs, steps, now), *body[:room], *tail]


def _fitting(blocks: Sequence[tuple[Job, list[Line]]], room: int) -> list[Job]:
    order = (Phase.FAILED, Phase.STARTED, Phase.RETRYING, Phase.SKIPPED, Phase.CANCELED, Phase.WAITING)
    rank = {phase: at for at, phase in enumerate(order)}
    chosen: list[Job] = []
    for job, lines in sorted(blocks, key=lambda block: rank.get(block[0].phase, len(rank))):
        room -= len(lines)
        if room < 0:
            break
        chosen.append(job)
    return chosen


def _title(jobs: Sequence[Job], steps: Sequence[Step], now: float) -> Line:
    done = sum(job.phase is Phase.FINISHED for job in jobs)
    cached = sum(step.cached for step in steps)
    started = min((job.started for job in jobs if job.started is not None), default=now)
    state = "FINISHED" if jobs and done == len(jobs) else "Building"
    return Line(
        f"[+] {state}: {done}/{len(jobs)} targets, {len(steps)} steps, {cached} cached",
        human_seconds(max(0.0, now - started)),
        "bold",
    )


def _job_lines(job: Job, steps: Sequence[Step], now: float) -> list[Line]:
    mine = [step for step in steps if job.target in step.targets and step.node == job.node]
    mark, style = MARKS[job.phase]
    done = sum(step.completed is not None for step in mine)
    name = job.target + (f" {','.join(job.platforms)}" if job.platforms else "")
    took = (job.ended or now) - job.started if job.started is not None else None
    head = Line(
        f" {mark} {name}  {_progress(job, done, len(mine))}",
        human_seconds(took) if took is not None else "",
        style,
    )
    if job.phase is not Phase.STARTED:
        return [head]
    running = [step for step in mine if step.started is not None and step.completed is None]
    return [head, *(_step_line(step, now) for step in running)]


def _progress(job: Job, done: int, total: int) -> str:
    if job.phase is Phase.STARTED and total:
        filled = round(BAR * done / total)
        return f"{'━' * filled}{'╌' * (BAR - filled)} {done}/{total}"
    return job.reason or job.phase.value


def _step_line(step: Step, now: float) -> Line:
    moving = [status for status in step.statuses.values() if status.completed is None]
    text = f"     {step.name}" + (f"  {_transfer(moving[-1])}" if moving else "")
    return Line(text, human_seconds(step.busy(now)))


def _transfer(status: VertexStatus) -> str:
    if status.total:
        return f"{human_bytes(status.current)} / {human_bytes(status.total)}"
    return human_bytes(status.current) if status.current else status.id


class Live:
    """Draws on the terminal behind `out`; `clock` gives seconds since the epoch."""

    def __init__(self, out: TextIO, clock: Callable[[], float], description: str = "") -> None:
        from rich.console import Console
        from rich.live import Live as RichLive

        self.trace = Trace()
        self._clock = clock
        self._console = Console(file=out, highlight=False, emoji=False, markup=False)
        self._live = RichLive(console=self._console, auto_refresh=False, redirect_stdout=False)
        self._drawn_at = float("-inf")
        self._live.start()
        if description:
            self._console.print(description, style="dim")

    def __call__(self, event: Event) -> None:
        change = self.trace.apply(event)
        if change.note:
            kind = "WARNING" if change.note.warning else "NOTE"
            self._console.print(f"{kind}: {change.note.text}", style="yellow" if change.note.warning else "")
            if change.note.hint:
                self._console.print(f"  {change.note.hint}")

    def tick(self) -> None:
        """Redraw, if the last drawing is old enough."""
        if self._clock() - self._drawn_at >= FRAME:
            self._draw()

    def close(self) -> None:
        """The last drawing, then failed steps with their whole logs, and the warnings."""
        self._draw()
        self._live.stop()
        many = len({job.target for job in self.trace.jobs}) > 1
        for step in self.trace.failed_steps():
            log = b"".join(step.log).decode("utf-8", "replace")
            self._console.print(f"------\n > {named(step, many)}:\n{log}------", style="")
        for warning in self.trace.warnings:
            self._console.print(f" - {warning.short}", style="yellow")

    def _draw(self) -> None:
        self._drawn_at = self._clock()
        self._live.update(self._picture(), refresh=True)

    def _picture(self) -> RenderableType:
        from rich.text import Text

        width, height = self._console.size
        lines = layout(self.trace, self._drawn_at, height - 1)
        return Text("\n").join(Text(line.fit(width), line.style, no_wrap=True) for line in lines)
