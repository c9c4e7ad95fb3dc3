"""What a terminal shows of a run: decided from the fold, the time and the room there is.

Pure: takes a `Trace`, gives lines. Everything that could be shown has a rank; what is most needed gets the
room, and what is left out is counted.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from bake.progress import Phase
from bake.record import record
from bake.ui.screen import Line, harmless
from bake.ui.summary import place_of
from bake.ui.units import human_bytes, human_seconds

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from bake.progress import VertexStatus
    from bake.ui.trace import Job, Step, Trace

BAR = 12
LOG_LINES = 5
"""Lines of a running step's output that are shown at most."""
LOG_BYTES = 4096
"""Of its output's end, what is looked at for them."""
NARROW = 60
"""Columns below which there are no bars."""
MARKS = {
    Phase.WAITING: ("·", "dim"),
    Phase.STARTED: ("▸", "cyan"),
    Phase.RETRYING: ("↻", "yellow"),
    Phase.FINISHED: ("✔", "green"),
    Phase.FAILED: ("✘", "red"),
    Phase.SKIPPED: ("–", "yellow"),
    Phase.CANCELED: ("■", "yellow"),
}
_HEADS = (Phase.FAILED, Phase.STARTED, Phase.RETRYING)
"""Targets that are shown before any step."""
_RANKS = {
    **dict.fromkeys(_HEADS, 0),
    Phase.SKIPPED: 4,
    Phase.CANCELED: 4,
    Phase.WAITING: 5,
    Phase.FINISHED: 6,
}
_FIRST_STEP, _MORE_STEPS, _LOG, _ENDED_STEP = 1, 2, 3, 7


class Item(NamedTuple):
    """A line that could be shown: the lowest `rank` first, then the lowest `turn`; `place` is where."""

    rank: int
    turn: int
    place: tuple[int, int, int]
    line: Line


@record
class Room:
    """What there is of a screen: its columns and rows, and the time, in seconds since the epoch."""

    width: int
    height: int
    now: float


def layout(trace: Trace, room: Room) -> list[Line]:
    """At most `room.height` lines: a title, the targets, and below each what it is doing now."""
    jobs, steps = trace.jobs, trace.steps
    by_target = _by_target(steps)
    items = sorted(_items(jobs, by_target, room))
    free = max(1, room.height - 1)
    if len(items) > free:
        free -= 1
    shown = sorted(items[:free], key=lambda item: item.place)
    title = _title(jobs, steps, room.now)
    return [title, *(item.line for item in shown), *_left_out(jobs, items[free:])][: room.height]


def ended_steps(trace: Trace, now: float) -> list[Line]:
    """Every step that ran, in order: what stays on the screen of a run with one target."""
    return [_ended_line(step, now) for step in sorted(trace.steps, key=_begun) if step.started is not None]


def _begun(step: Step) -> float:
    return float("inf") if step.started is None else step.started


def _by_target(steps: Iterable[Step]) -> dict[tuple[str, str], list[Step]]:
    found: dict[tuple[str, str], list[Step]] = {}
    for step in steps:
        for target in step.targets:
            found.setdefault((target, step.node), []).append(step)
    return found


def _items(jobs: Sequence[Job], steps: Mapping[tuple[str, str], list[Step]], room: Room) -> Iterator[Item]:
    tight = 2 * sum(job.phase is Phase.STARTED for job in jobs) > room.height
    for index, job in enumerate(jobs):
        mine = sorted(steps.get((job.target, job.node), []), key=_begun)
        yield Item(_RANKS[job.phase], index, (index, 0, 0), _head(job, mine, room, with_step=tight))
        if job.phase is Phase.STARTED and not tight:
            yield from _running(index, mine, room.now)
            if len(jobs) == 1:
                yield from _ended(mine, room.now)


def _running(index: int, steps: Sequence[Step], now: float) -> Iterator[Item]:
    first = len(steps)
    for nth, step in enumerate(_under_way(steps)):
        rank = _MORE_STEPS if nth else _FIRST_STEP
        yield Item(rank, index, (index, first + nth, 0), _step_line(step, now))
        for line, text in enumerate(_log_tail(step)):
            # the last line is the one that is needed most
            yield Item(
                _LOG, LOG_LINES - line, (index, first + nth, line + 1), Line(f"       {text}", "", "dim")
            )


def _under_way(steps: Iterable[Step]) -> list[Step]:
    return [step for step in steps if step.started is not None and step.completed is None]


def _ended(steps: Sequence[Step], now: float) -> Iterator[Item]:
    for nth, step in enumerate(steps):
        if step.completed is not None:
            yield Item(_ENDED_STEP, -nth, (0, nth, 0), _ended_line(step, now))


def _left_out(jobs: Sequence[Job], items: Iterable[Item]) -> list[Line]:
    """How many targets are not shown, by phase."""
    phases = Counter(jobs[item.place[0]].phase for item in items if item.place[1:] == (0, 0))
    if not phases:
        return []
    counts = ", ".join(f"{phases[phase]} {phase.value}" for phase in Phase if phase in phases)
    return [Line(f" … {counts}", style="dim")]


def _title(jobs: Sequence[Job], steps: Sequence[Step], now: float) -> Line:
    phases = Counter(job.phase for job in jobs)
    done = sum(step.completed is not None for step in steps)
    started = min((job.started for job in jobs if job.started is not None), default=now)
    left = len(jobs) - sum(phases[phase] for phase in (Phase.WAITING, Phase.STARTED, Phase.RETRYING))
    parts = [f"[+] {left}/{len(jobs)} targets", f"{done}/{len(steps)} steps"]
    parts.append(f"{sum(step.cached for step in steps)} cached")
    parts += [f"{phases[phase]} {phase.value}" for phase in (Phase.FAILED, Phase.SKIPPED) if phases[phase]]
    return Line(", ".join(parts), human_seconds(max(0.0, now - started)), "bold")


def _head(job: Job, steps: Sequence[Step], room: Room, *, with_step: bool) -> Line:
    """The target's line; `with_step` says that its steps have no lines of their own."""
    mark, style = MARKS[job.phase]
    name = job.target + (f" {','.join(job.platforms)}" if job.platforms else "")
    took = (job.ended or room.now) - job.started if job.started is not None else None
    progress = _progress(job, steps, room.width)
    if with_step and job.phase is Phase.STARTED:
        progress += "".join(f"  {harmless(step.name)}" for step in _under_way(steps)[-1:])
    return Line(f" {mark} {name}  {progress}", human_seconds(took) if took is not None else "", style)


def _progress(job: Job, steps: Sequence[Step], width: int) -> str:
    if job.error:
        place = place_of(job.error)
        return f"{job.phase.value} at {place}" if place else job.phase.value
    if job.phase is not Phase.STARTED or not steps:
        return job.reason or job.phase.value
    done = sum(step.completed is not None for step in steps)
    cached = sum(step.cached for step in steps)
    filled = round(BAR * done / len(steps))
    bar = f"{'━' * filled}{'╌' * (BAR - filled)} " if width >= NARROW else ""
    parts = [f"{bar}{done}/{len(steps)}", f"{cached} cached" if cached else "", _moved(steps)]
    return "  ".join(filter(None, parts))


def _moved(steps: Iterable[Step]) -> str:
    """The bytes that went to the builder and from it to a registry."""
    sent, pushed = 0, 0
    for step in steps:
        for name, status in step.statuses.items():
            sent += status.current if name.startswith("transferring") else 0
            pushed += status.current if name.startswith("pushing") else 0
    found = ((sent, "sent"), (pushed, "pushed"))
    return ", ".join(f"{human_bytes(count)} {word}" for count, word in found if count)


def _step_line(step: Step, now: float) -> Line:
    moving = [status for status in step.statuses.values() if status.completed is None]
    text = f"     {harmless(step.name)}" + (f"  {_transfer(moving)}" if moving else "")
    return Line(text, human_seconds(step.busy(now)))


def _ended_line(step: Step, now: float) -> Line:
    word, style = "", ""
    if step.has_failed:
        word, style = "ERROR ", "red"
    elif step.is_canceled:
        word, style = "CANCELED ", "yellow"
    elif step.cached:
        word, style = "CACHED ", "cyan"
    return Line(f"     {word}{harmless(step.name)}", human_seconds(step.busy(now)), style or "dim")


def _transfer(moving: Sequence[VertexStatus]) -> str:
    """How far the running transfers of one step are, together if all of them know their size."""
    if all(status.total for status in moving):
        current = sum(status.current for status in moving)
        total = sum(status.total for status in moving)
        return f"{human_bytes(current)} / {human_bytes(total)}"
    last = moving[-1]
    return f"{harmless(last.id)} {human_bytes(last.current)}" if last.current else harmless(last.id)


def _log_tail(step: Step) -> list[str]:
    """The last lines of the step's output, without empty ones."""
    data = bytearray()
    for piece in reversed(step.log):
        data[:0] = piece
        if len(data) > LOG_BYTES:
            break
    lines = harmless(data[-LOG_BYTES:].decode("utf-8", "replace")).replace("\t", "    ").split("\n")
    return [line for line in lines if line.strip()][-LOG_LINES:]
