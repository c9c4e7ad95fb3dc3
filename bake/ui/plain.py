"""Progress as lines, for logs and pipes: BuildKit's plain format, with the target named on every line
as soon as a run has more than one.

One step is shown at a time; the others' lines wait. The view moves on when the shown step ends, or
when it has been shown for a while and another has something to say.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from bake.progress import Phase
from bake.ui.summary import table
from bake.ui.trace import Trace
from bake.ui.units import human_bytes

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TextIO

    from bake.progress import Event, Note, VertexStatus
    from bake.ui.trace import Change, Job, Step

HOLD = 3.0
"""Seconds a step keeps the view while others wait."""
STATUS_INTERVAL = 5.0
"""Seconds between two lines on the same running transfer, unless it has moved by a twentieth."""
ERROR_TAIL = 10
"""Log lines of a failed step that are repeated at the end, as BuildKit's logsBufferSize."""


class Plain:
    """Writes to `out`; `clock` gives seconds since the epoch. `description` is the run's first line."""

    def __init__(self, out: TextIO, clock: Callable[[], float], description: str = "") -> None:
        self._out = out
        self._clock = clock
        self._description = description
        self.trace = Trace()
        self._targets: set[str] = set()
        self._lines: dict[int, _Lines] = {}
        self._shown: _Lines | None = None
        self._shown_since = 0.0
        self._wrote = False

    def __call__(self, event: Event) -> None:
        change = self.trace.apply(event)
        if event.target:
            self._targets.add(event.target)
        self._collect(change)

    def tick(self) -> None:
        """Write what may be written now."""
        while self._advance():
            pass
        self._out.flush()

    def close(self) -> None:
        """Write everything that still waits, then failed steps' last lines and the warnings."""
        for lines in list(self._lines.values()):
            if lines.has_news:
                self._show(lines)
        if self._shown and self._shown.open_line:
            self._write("\n")
        for step in self.trace.failed_steps():
            self._write_failure(step)
        self._write_warnings()
        self._write(table(self.trace))
        self._out.flush()

    def _collect(self, change: Change) -> None:
        # first of all, so that steps are numbered in the order in which they started
        for step in sorted(change.steps, key=lambda step: step.started or 0.0):
            if step.started is not None:
                self._of(step).settle()
        for step, status in change.statuses:
            self._of(step).status(status)
        for step, warning in change.warnings:
            self._of(step).add(f"WARN: {warning.short}")
        for step, log in change.logs:
            self._of(step).log(log.data, log.timestamp)
        if change.note:
            self._write_note(change.note)
        if change.job and change.job.phase in (Phase.SKIPPED, Phase.RETRYING):
            self._write_job(change.job)

    def _of(self, step: Step) -> _Lines:
        lines = self._lines.get(id(step))
        if lines is None:
            lines = self._lines[id(step)] = _Lines(step, len(self._lines) + 1)
        return lines

    def _advance(self) -> bool:
        """Write the shown step's lines or move the view; False when nothing is left to do now."""
        shown, now = self._shown, self._clock()
        if shown and shown.has_news:
            self._flush(shown)
            return True
        others = [lines for lines in self._lines.values() if lines.has_news and lines is not shown]
        if not others or (shown and not shown.done and now - self._shown_since < HOLD):
            return False
        self._show(min(others, key=lambda lines: (not lines.done, lines.index)))
        return True

    def _show(self, lines: _Lines) -> None:
        if self._shown is not lines:
            if self._shown and not self._shown.done:
                self._write(("\n" if self._shown.open_line else "") + f"#{self._shown.index} ...\n")
                self._shown.open_line = False
            self._write_header(lines)
            self._shown, self._shown_since = lines, self._clock()
        self._flush(lines)

    def _write_header(self, lines: _Lines) -> None:
        self._open_block()
        self._write(f"#{lines.index} {named(lines.step, self._many)}\n")

    def _open_block(self) -> None:
        if self._wrote:
            self._write("\n")
        elif self._description:
            self._write(f"#0 {self._description}\n\n")

    @property
    def _many(self) -> bool:
        return len(self._targets) > 1

    def _flush(self, lines: _Lines) -> None:
        lines.is_new = False
        prefix = f"#{lines.index} "
        if self._many and lines.step.target:
            prefix += f"[{lines.step.target}] "
        for text in lines.take():
            self._write(text if lines.open_line else prefix + text)
            lines.open_line = not text.endswith("\n")

    def _write(self, text: str) -> None:
        self._out.write(text)
        self._wrote = True

    def _write_note(self, note: Note) -> None:
        self._write(f"{'WARNING' if note.warning else 'NOTE'}: {note.text}\n")
        if note.hint:
            self._write(f"  {note.hint}\n")

    def _write_job(self, job: Job) -> None:
        self._write(f"{job.target}: {job.phase.value}" + (f": {job.reason}\n" if job.reason else "\n"))

    def _write_failure(self, step: Step) -> None:
        self._write(f"------\n > {named(step, self._many)}:\n")
        for line in self._of(step).tail:
            self._write(line + "\n")
        self._write("------\n")

    def _write_warnings(self) -> None:
        warnings = self.trace.warnings
        if warnings:
            count = "1 warning found" if len(warnings) == 1 else f"{len(warnings)} warnings found"
            self._write(f"\n {count}:\n" + "".join(f" - {warning.short}\n" for warning in warnings))


class _Lines:
    """One step's lines that wait to be written; the places of unread transfers among them."""

    def __init__(self, step: Step, index: int) -> None:
        self.step = step
        self.index = index
        self.waiting: list[str] = []
        self._unread: dict[str, int] = {}
        self.tail: deque[str] = deque(maxlen=ERROR_TAIL)
        self.open_line = False
        self._partial = False
        self._last: dict[str, VertexStatus] = {}
        self._told = 0
        self._spoke = False
        self.is_new = False
        self._settled = False

    @property
    def has_news(self) -> bool:
        return self.is_new or bool(self.waiting) or self._owes_verdict

    @property
    def done(self) -> bool:
        return self.step.completed is not None

    def add(self, text: str) -> None:
        self.waiting.append(text + "\n")

    def take(self) -> list[str]:
        """The waiting lines, which wait no more; the verdict last, once for each time the step ran."""
        self._spoke = self._spoke or bool(self.waiting)
        end = self.step.completed
        if end is not None and self._owes_verdict:
            self._told, self._spoke = len(self.step.intervals), False
            self._end_line()
            self.add(_verdict(self.step, end))
        taken, self.waiting, self._unread = self.waiting, [], {}
        return taken

    @property
    def _owes_verdict(self) -> bool:
        """A step that runs again, and in silence, has nothing new to tell."""
        again = len(self.step.intervals) > self._told
        return self.done and (not self._told or (again and self._spoke))

    def _end_line(self) -> None:
        if self._partial:
            self.waiting.append("\n")
            self._partial = False

    def log(self, data: bytes, at: float | None) -> None:
        """Append output; a line that is not ended yet is continued by the next piece."""
        *ended, rest = data.decode("utf-8", "replace").split("\n")
        for line in ended:
            self._log_piece(line, at)
            self.waiting[-1] += "\n"
            self._partial = False
        if rest:
            self._log_piece(rest, at)
            self._partial = True

    def _log_piece(self, piece: str, at: float | None) -> None:
        if self._partial:
            self.waiting.append(piece)
            self.tail[-1] += piece
        else:
            stamped = f"{_elapsed(self.step, at)} {piece}"
            self.waiting.append(stamped)
            self.tail.append(stamped)

    def status(self, status: VertexStatus) -> None:
        """Say how far a transfer is, not more often than is worth a line; news replaces what nobody has
        read yet."""
        last = self._last.get(status.id)
        if last and status.completed is None and not _worth_a_line(last, status):
            return
        if last and last.completed is not None and status.completed is not None:
            return
        self._last[status.id] = status
        if status.id in self._unread:
            self.waiting[self._unread[status.id]] = _status_line(status) + "\n"
        else:
            self._unread[status.id] = len(self.waiting)
            self.add(_status_line(status))

    def settle(self) -> None:
        """Take note that the step has started, or ended."""
        self.is_new = self.is_new or not self._settled
        self._settled = True


def named(step: Step, many: bool) -> str:
    """The step's name, with its target in the brackets when there are several, as buildx writes it."""
    if not many or not step.target:
        return step.name
    if step.name.startswith("["):
        return f"[{step.target} {step.name[1:]}"
    return f"[{step.target}] {step.name}"


def _elapsed(step: Step, at: float | None) -> str:
    """Seconds since the step's start, in BuildKit's precision: five characters or so."""
    started = max((start for start in step.intervals if at is None or start <= at), default=None)
    seconds = max(0.0, at - started) if at is not None and started is not None else 0.0
    return f"{seconds:.{3 if seconds < 10 else 2 if seconds < 100 else 1}f}"


def _worth_a_line(last: VertexStatus, status: VertexStatus) -> bool:
    moved = (status.current - last.current) / status.total if status.total else 0.0
    waited = (status.timestamp or 0.0) - (last.timestamp or 0.0)
    return moved >= 0.05 or waited >= STATUS_INTERVAL


def _status_line(status: VertexStatus) -> str:
    size = ""
    if status.total:
        size = f" {human_bytes(status.current)} / {human_bytes(status.total)}"
    elif status.current:
        size = f" {human_bytes(status.current)}"
    end = status.completed if status.completed is not None else status.timestamp
    took = end - status.started if end is not None and status.started is not None else 0.0
    return (
        status.id
        + size
        + (f" {took:.1f}s" if took > 0.01 else "")
        + (" done" if status.completed is not None else "")
    )


def _verdict(step: Step, end: float) -> str:
    if step.is_canceled:
        return "CANCELED"
    if step.error:
        return f"ERROR: {step.error}"
    return "CACHED" if step.cached else f"DONE {step.busy(end):.1f}s"
