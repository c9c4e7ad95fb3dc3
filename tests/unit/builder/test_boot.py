from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bake.builder.boot import Steps
from bake.errors import BuilderError
from bake.progress import SolveStatus

if TYPE_CHECKING:
    from bake.progress import Emit, Event


def statuses(events: list[Event]) -> list[SolveStatus]:
    return [event.body for event in events if isinstance(event.body, SolveStatus)]


def test_pieces_end_when_the_next_one_begins() -> None:
    events: list[Event] = []
    with Steps("booting", "n0", events.append) as say:
        say("pulling")
        say("creating")
    told = statuses(events)
    pieces = [(piece.id, piece.completed is not None) for status in told for piece in status.statuses]
    assert pieces == [("pulling", False), ("pulling", True), ("creating", False), ("creating", True)]
    last = told[-1].vertexes[0]
    assert (last.name, last.error, last.completed is not None) == ("booting", "", True)
    assert {event.node for event in events} == {"n0"}


def fail(emit: Emit) -> None:
    with Steps("booting", "n0", emit) as say:
        say("pulling")
        raise BuilderError("no network")


def test_a_failure_ends_the_step() -> None:
    events: list[Event] = []
    with pytest.raises(BuilderError):
        fail(events.append)
    assert statuses(events)[-1].vertexes[0].error == "no network"
