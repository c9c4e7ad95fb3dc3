"""Where a task of a run stands, and what these states have in common."""

from __future__ import annotations

from enum import Enum


class State(Enum):
    """Where a task stands."""

    WAITING = "waiting"
    REGISTERING = "registering"
    HELD = "held"
    WORKING = "working"
    EVALUATED = "evaluated"
    EXPORTING = "exporting"
    STOPPING = "stopping"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"
    CANCELED = "canceled"


BUSY = frozenset({State.REGISTERING, State.WORKING, State.EXPORTING, State.STOPPING})
"""States that take a slot."""
ENDED = frozenset({State.DONE, State.FAILED, State.SKIPPED, State.CANCELED})
RUNNING = frozenset(State) - ENDED - {State.WAITING}
