"""Progress on a terminal: a line for each target, its running steps below it, redrawn in place.

`layout` decides what is shown, `screen` draws it. What must outlast the picture is printed when it is over:
the steps of a single target, the whole logs of failed steps, warnings, the table of targets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bake.ui.layout import Room, ended_steps, layout
from bake.ui.plain import named
from bake.ui.screen import Screen, harmless
from bake.ui.summary import lines
from bake.ui.trace import Trace

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TextIO

    from bake.progress import Event

FRAME = 0.1
"""Seconds between two drawings."""


class Live:
    """Draws on the terminal behind `out`; `clock` gives seconds since the epoch, `size` columns and rows.

    `description` is the run's first line.
    """

    def __init__(
        self,
        out: TextIO,
        clock: Callable[[], float],
        description: str,
        size: Callable[[], tuple[int, int]],
        *,
        color: bool = True,
    ) -> None:
        self.trace = Trace()
        self._clock = clock
        self._screen = Screen(out, size, color=color)
        self._drawn_at = float("-inf")
        if description:
            self._screen.print(f"{description}\n", "dim")

    def __call__(self, event: Event) -> None:
        change = self.trace.apply(event)
        if change.note:
            kind, style = ("WARNING", "yellow") if change.note.warning else ("NOTE", "")
            self._screen.print(f"{kind}: {change.note.text}\n", style)
            if change.note.hint:
                self._screen.print(f"  {change.note.hint}\n")

    def tick(self) -> None:
        """Redraw, if the last drawing is old enough."""
        if self._clock() - self._drawn_at >= FRAME:
            self._drawn_at = self._clock()
            width, height = self._screen.size()
            if self.trace.jobs or self.trace.steps:
                self._screen.draw(layout(self.trace, Room(width, max(1, height - 1), self._drawn_at)))

    def close(self) -> None:
        """Replace the picture by what is left to say."""
        width, _ = self._screen.size()
        many = len({job.target for job in self.trace.jobs}) > 1
        self._screen.draw([] if many else ended_steps(self.trace, self._clock()))
        self._screen.settle()
        for step in self.trace.failed_steps():
            if log := harmless(b"".join(step.log).decode("utf-8", "replace")):
                ended = log if log.endswith("\n") else f"{log}\n"
                self._screen.print(f"------\n > {named(step, many)}:\n{ended}------\n")
        for warning in self.trace.warnings:
            self._screen.print(f" - {warning.short}\n", "yellow")
        for text, style in lines(self.trace, width):
            self._screen.print(f"{text}\n", style)
