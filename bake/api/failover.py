"""A run that outlives its nodes: what was lost with one of them is built on the others, once.

Takes a plan and a function that carries one out, gives one outcome of both attempts.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bake.errors import BakeError
from bake.plan.identical import merged
from bake.progress import Event, Note

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from bake.engine.outcome import Outcome
    from bake.plan.records import Plan
    from bake.progress import Emit


def carry_out(plan: Plan, run: Callable[[Plan, Collection[str]], Outcome], emit: Emit) -> Outcome:
    """The outcome of `plan`, with `plan` as it was carried out in the end, if nodes were lost: `run` is told
    which they are."""
    first = run(plan, ())
    if not first.lost:
        return first
    again = _elsewhere(plan, first)
    if again is None:
        return replace(first, errors={**first.lost, **first.errors}, lost={})
    for node in sorted(first.lost_nodes):
        emit(Event(_note(node, plan, first)))
    return _joined(plan, first, again, run(again, first.lost_nodes))


def _elsewhere(plan: Plan, outcome: Outcome) -> Plan | None:
    """How the rest is built, None if it is not."""
    ended = outcome.canceled or (outcome.errors and not outcome.kept_going)
    if ended or plan.elsewhere is None:
        return None
    try:
        return merged(plan.elsewhere(list(outcome.lost), outcome.lost_nodes))
    except (BakeError, ExceptionGroup):
        # no node is left that could; what was lost says why
        return None


def _note(node: str, plan: Plan, outcome: Outcome) -> Note:
    there = [
        name for name in outcome.lost if any(plan.solves[key].node == node for key in plan.joins[name].solves)
    ]
    why = next((str(outcome.lost[name]) for name in there), "")
    return Note(
        f"node {node} is lost, what it had to build goes to other nodes: {', '.join(there)}; {why}",
        warning=True,
    )


def _joined(plan: Plan, first: Outcome, again: Plan, second: Outcome) -> Outcome:
    """Results of the first attempt stay; the second one is the last."""
    done = first.results.keys()
    new = {name: result for name, result in second.results.items() if name not in done}
    joins = {**plan.joins, **{name: join for name, join in again.joins.items() if name not in done}}
    return replace(
        second,
        results={
            name: found
            for name in plan.joins
            for found in (first.results.get(name) or new.get(name),)
            if found
        },
        errors={**first.errors, **second.lost, **second.errors},
        skipped={**first.skipped, **second.skipped},
        lost={},
        lost_nodes=first.lost_nodes | second.lost_nodes,
        plan=replace(plan, solves={**plan.solves, **again.solves}, joins=joins),
    )
