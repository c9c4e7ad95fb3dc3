"""Stopping a run from outside: from a signal handler, another thread, a test."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Cancellation:
    """A wish to stop, made once. `cancel` may be called from any thread and from a signal handler."""

    def __init__(self) -> None:
        self._listeners: list[Callable[[], object]] = []
        self.requested = False

    def cancel(self) -> None:
        self.requested = True
        for listener in list(self._listeners):
            listener()

    def on_cancel(self, listener: Callable[[], object]) -> None:
        """Call `listener` when it is wished to stop; at once if it was before."""
        self._listeners.append(listener)
        if self.requested:
            listener()
