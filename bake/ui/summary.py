"""The table that ends a run: a line for each target, failures and skips last, and their count.

Takes the fold of a run with its `Summary`, gives lines with the names of their styles, or text without any,
fit for a log.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bake.errors import SolveError
from bake.progress import Phase
from bake.record import record
from bake.tabwriter import Layout, aligned
from bake.ui.units import human_bytes, human_seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bake.errors import BakeError
    from bake.progress import Ending
    from bake.ui.trace import Job, Step, Trace

_LAYOUT = Layout(padding=2, pad=" ")
_ORDER = (Phase.FINISHED, Phase.CANCELED, Phase.SKIPPED, Phase.FAILED)
_WORDS = {
    Phase.FINISHED: "built",
    Phase.CANCELED: "canceled",
    Phase.SKIPPED: "skipped",
    Phase.FAILED: "failed",
}
_STYLES = {Phase.CANCELED: "yellow", Phase.SKIPPED: "yellow", Phase.FAILED: "red"}
_STEP = re.compile(r"\[(?:[^\]]* )?\d+/\d+\]")
"""How the name of a Dockerfile's step starts: `[2/5] RUN …`, `[linux/arm64 base 1/3] FROM …`."""
_LANDED = ("copying files", "sending tarball")
"""Transfers that bring a result to this machine."""
_SHA = "sha256:"
_SHORT = len(_SHA) + 12


@record
class Row:
    """What is told of one target. `seconds` is None if it never started; `size` is in bytes."""

    ending: Ending
    seconds: float | None
    cached: int
    steps: int
    size: int | None


def rows(trace: Trace) -> list[Row]:
    """A row for each target of the run, as its `Summary` has them; none without one."""
    if trace.summary is None:
        return []
    steps, jobs = _by_target(trace.steps), trace.jobs
    found = []
    for ending in trace.summary.endings:
        builder = ending.same_as or ending.target
        mine = steps.get(builder, [])
        of_file = [step for step in mine if _STEP.match(step.name)]
        size = ending.size if ending.size is not None else _landed(mine)
        found.append(
            Row(ending, _seconds(builder, jobs), sum(step.cached for step in of_file), len(of_file), size)
        )
    return found


def table(trace: Trace, width: int | None = None) -> str:
    """The table as text, "" without a summary; on a screen of `width` columns as much of it as fits."""
    return "".join(f"{text}\n" for text, _ in lines(trace, width))


def lines(trace: Trace, width: int | None = None) -> list[tuple[str, str]]:
    """The table's lines, each with the name of its style, between empty ones if errors will follow."""
    told = sorted(rows(trace), key=lambda row: _ORDER.index(row.ending.phase))
    if not told:
        return []
    drafts = (_set(told, names, short=short) for names, short in _DRAFTS)
    fitting = (draft for draft in drafts if width is None or max(map(len, draft)) < width)
    head, *body = next(fitting, None) or _set(told, *_DRAFTS[-1])
    styled = zip(body, (_STYLES.get(row.ending.phase, "") for row in told), strict=True)
    end = [("", "")] if any(row.ending.phase is not Phase.FINISHED for row in told) else []
    return [("", ""), (head, "bold"), *styled, (_count(told), ""), *end]


def _set(told: Sequence[Row], names: Sequence[str], short: bool) -> list[str]:
    """The head and a line for each row; of the columns those that somebody has a value for."""
    columns = [[name, *map(_CELLS[name], told)] for name in names]
    cells = list(zip(*(column for column in columns if any(column[1:])), strict=True))
    if short:
        cells = [tuple(cell[:_SHORT] if cell.startswith(_SHA) else cell for cell in line) for line in cells]
    return [line.rstrip() for line in aligned("\n".join(map("\t".join, cells)), _LAYOUT).split("\n")]


def _time(row: Row) -> str:
    known = row.seconds is not None and row.ending.phase is not Phase.SKIPPED
    return human_seconds(row.seconds or 0) if known else ""


def _size(row: Row) -> str:
    known = row.size is not None and row.ending.phase is Phase.FINISHED
    return human_bytes(row.size or 0) if known else ""


def _result(ending: Ending) -> str:
    word = _WORDS[ending.phase]
    if ending.error is not None:
        place = place_of(ending.error)
        return f"{word} at {place}" if place else word
    if ending.reason:
        return f"{word}: {ending.reason}"
    return f"{word} as {ending.same_as}" if ending.same_as else word


def place_of(error: BakeError) -> str:
    """Where the fault stands: a line of the Dockerfile or the bake file, "" if nobody knows."""
    if isinstance(error, SolveError):
        for source in error.sources:
            if source.ranges:
                return f"{source.filename}:{source.ranges[0][0]}"
    return f"{error.span.source.name}:{error.span.line}" if error.span else ""


_CELLS: Mapping[str, Callable[[Row], str]] = {
    "TARGET": lambda row: row.ending.target,
    "PLATFORMS": lambda row: ",".join(row.ending.platforms),
    "RESULT": lambda row: _result(row.ending),
    "TIME": _time,
    "CACHED": lambda row: f"{row.cached}/{row.steps}" if row.steps else "",
    "SIZE": _size,
    "DIGEST": lambda row: row.ending.digest,
}
"""The table's columns, by their titles."""
_ALL = tuple(_CELLS)
_DRAFTS = (
    (_ALL, False),
    (_ALL, True),
    (_ALL[:-1], True),
    (("TARGET", "RESULT", "TIME", "CACHED", "SIZE"), True),
    (("TARGET", "RESULT", "TIME"), True),
)
"""What is shown, from the most to the least, and whether digests are cut."""


def _count(told: Sequence[Row]) -> str:
    counts = {phase: sum(row.ending.phase is phase for row in told) for phase in _ORDER}
    parts = [f"{count} {_WORDS[phase]}" for phase, count in counts.items() if count]
    noun = "target" if len(told) == 1 else "targets"
    return f"{len(told)} {noun}: {', '.join(parts)}"


def _by_target(steps: Sequence[Step]) -> dict[str, list[Step]]:
    found: dict[str, list[Step]] = {}
    for step in steps:
        for target in step.targets:
            found.setdefault(target, []).append(step)
    return found


def _seconds(target: str, jobs: Sequence[Job]) -> float | None:
    mine = [job for job in jobs if job.target == target and job.started is not None and job.ended is not None]
    if not mine:
        return None
    return max(job.ended or 0.0 for job in mine) - min(job.started or 0.0 for job in mine)


def _landed(steps: Sequence[Step]) -> int | None:
    """The bytes that came to this machine, None if none did."""
    brought = [
        status.current for step in steps for name, status in step.statuses.items() if name.startswith(_LANDED)
    ]
    return sum(brought) if brought else None
