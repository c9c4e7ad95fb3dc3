"""What a run makes of its plan before it starts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bake.engine.schedule import Rules
    from bake.plan.records import Plan
    from bake.solve import Solve, SolveKey


def results_for(plan: Plan) -> dict[SolveKey, list[str]]:
    """Whose result each Solve is: of several, if these are the same but for their names."""
    found: dict[SolveKey, list[str]] = {key: [] for key in plan.solves}
    for target, join in plan.joins.items():
        for key in join.solves:
            found[key].append(target)
    return {key: targets or [plan.solves[key].target] for key, targets in found.items()}


def rules_of(plan: Plan, rules: Rules) -> Rules:
    """A call has no outputs to put off."""
    calls = any(solve.call for solve in plan.solves.values())
    return replace(rules, defer_outputs=False) if calls else rules


def held(solve: Solve) -> Solve:
    """Whoever takes part in a link is held until the scheduler releases it."""
    return replace(solve, linked=True) if solve.links else solve
