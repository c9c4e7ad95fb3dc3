"""Two attempts and one outcome of both."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bake.api.failover import carry_out
from bake.engine.outcome import Outcome, TargetResult
from bake.errors import BuilderError, Failure, SolveError
from bake.plan.records import Join, Plan
from bake.progress import Event, Note
from bake.solve import Solve, SolveKey, SolveResult

if TYPE_CHECKING:
    from collections.abc import Collection

LOST = BuilderError("The connection was lost")
FAILED = SolveError("A step failed", failure=Failure.STEP)


def planned(**places: str) -> Plan:
    """Targets on nodes; without a node it is planned on the one that is left."""
    keys = {name: SolveKey(f"{name}@{node}") for name, node in places.items()}

    def elsewhere(targets: Collection[str], lost: Collection[str]) -> Plan:
        if len(lost) > 1:
            raise BuilderError("No node to build on")
        return planned(**dict.fromkeys(targets, "left"))

    return Plan(
        {key: Solve(key, name, places[name], attrs={"name": name}) for name, key in keys.items()},
        {name: Join(name, (key,)) for name, key in keys.items()},
        elsewhere=elsewhere,
    )


def built(*names: str) -> dict[str, TargetResult]:
    return {name: TargetResult(name, (SolveResult(SolveKey(name), "r"),), {}) for name in names}


class Runs:
    """Gives the outcomes in order; `asked` are the targets and lost nodes of each run."""

    def __init__(self, *outcomes: Outcome) -> None:
        self.left = list(outcomes)
        self.asked: list[tuple[list[str], set[str]]] = []

    def __call__(self, plan: Plan, lost: Collection[str]) -> Outcome:
        self.asked.append((list(plan.joins), set(lost)))
        return self.left.pop(0)


def test_nothing_lost_is_one_run() -> None:
    runs = Runs(Outcome(built("a"), {}, {}))
    assert carry_out(planned(a="n"), runs, lambda _event: None).plan is None
    assert len(runs.asked) == 1


def test_what_was_lost_is_built_elsewhere_and_said() -> None:
    first = Outcome(built("a"), {}, {}, lost={"b": LOST, "c": LOST}, lost_nodes=frozenset({"far"}))
    runs, events = Runs(first, Outcome(built("b", "c"), {}, {})), list[Event]()
    outcome = carry_out(planned(a="n", b="far", c="far"), runs, events.append)
    outcome.raise_errors()
    assert list(outcome.results) == ["a", "b", "c"]
    assert runs.asked[1] == (["b", "c"], {"far"})
    assert outcome.plan is not None
    assert {outcome.plan.solves[key].node for key in outcome.plan.joins["b"].solves} == {"left"}
    (note,) = [event.body for event in events if isinstance(event.body, Note)]
    assert note.text == (
        "node far is lost, what it had to build goes to other nodes: b, c; The connection was lost"
    )


def test_it_is_tried_once() -> None:
    first = Outcome({}, {}, {}, lost={"a": LOST}, lost_nodes=frozenset({"far"}))
    second = Outcome({}, {}, {}, lost={"a": LOST}, lost_nodes=frozenset({"left"}))
    outcome = carry_out(planned(a="far"), Runs(first, second), lambda _event: None)
    assert (outcome.errors, outcome.lost) == ({"a": LOST}, {})


@pytest.mark.parametrize(
    "first",
    [
        Outcome({}, {"b": FAILED}, {}, lost={"a": LOST}, lost_nodes=frozenset({"far"})),
        Outcome({}, {}, {}, canceled=True, lost={"a": LOST}, lost_nodes=frozenset({"far"})),
        Outcome({}, {}, {}, lost={"a": LOST}, lost_nodes=frozenset({"far", "left"})),
    ],
    ids=["failed", "canceled", "no node left"],
)
def test_when_it_is_not_tried_the_loss_is_the_failure(first: Outcome) -> None:
    outcome = carry_out(planned(a="far", b="far"), Runs(first), lambda _event: None)
    assert outcome.errors["a"] is LOST
    assert outcome.errors.keys() >= first.errors.keys()


def test_the_rest_goes_on_after_a_failure_if_that_is_wanted() -> None:
    first = Outcome({}, {"b": FAILED}, {}, kept_going=True, lost={"a": LOST}, lost_nodes=frozenset({"far"}))
    second = Outcome(built("a"), {}, {}, kept_going=True)
    outcome = carry_out(planned(a="far", b="n"), Runs(first, second), lambda _event: None)
    assert (set(outcome.results), set(outcome.errors)) == ({"a"}, {"b"})
