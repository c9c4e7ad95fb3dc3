from __future__ import annotations

from typing import Any

from bake.plan.identical import merged
from bake.plan.records import Join, Plan
from bake.solve import Export, Link, Solve, SolveKey


def key(target: str) -> SolveKey:
    return SolveKey(f"{target}@n")


def solve(target: str, **fields: Any) -> Solve:
    return Solve(**{"key": key(target), "target": target, "node": "n", "attrs": {"target": "x"}, **fields})


def plan_of(*solves: Solve) -> Plan:
    return Plan(
        {one.key: one for one in solves}, {one.target: Join(one.target, (one.key,)) for one in solves}
    )


def test_the_same_build_is_planned_once() -> None:
    plan = merged(plan_of(solve("a"), solve("b")))
    assert list(plan.solves) == [key("a")]
    assert plan.joins["b"] == Join("b", (key("a"),))


def test_other_outputs_make_another_build() -> None:
    plan = plan_of(solve("a"), solve("b", exports=(Export("image", {"name": "b"}),)))
    assert merged(plan) == plan


def test_other_arguments_make_another_build() -> None:
    plan = plan_of(solve("a"), solve("b", attrs={"target": "y"}))
    assert merged(plan) == plan


def test_other_nodes_make_another_build() -> None:
    plan = plan_of(solve("a"), solve("b", node="m"))
    assert merged(plan) == plan


def test_builds_on_the_same_are_the_same() -> None:
    plan = merged(
        plan_of(
            solve("base", linked=True),
            solve("again", linked=True),
            solve("a", links=(Link("x", key("base")),)),
            solve("b", links=(Link("x", key("again")),)),
        )
    )
    assert list(plan.solves) == [key("base"), key("a")]


def test_what_another_takes_stays_linked() -> None:
    plan = merged(
        plan_of(solve("a"), solve("b", linked=True), solve("c", attrs={}, links=(Link("x", key("b")),)))
    )
    assert plan.solves[key("a")].linked
    assert plan.inputs(key("c")) == (key("a"),)
