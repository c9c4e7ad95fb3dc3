from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bake.errors import BuilderError
from bake.host import Host
from bake.model.target import Definition
from bake.plan.make import make
from bake.plan.records import PlanOptions
from bake.platforms import parse
from bake.solve import SolveKey
from tests.fakes.planning import faults, node, plan, target

if TYPE_CHECKING:
    from bake.node import NodeFacts
    from bake.plan.records import Plan

AMD = node("amd", "linux/amd64", "linux/386")
ARM = node("arm", "linux/arm64", "linux/arm/v7")
EMULATING = node("emu", "linux/amd64", "linux/arm64", "linux/riscv64")


def nodes_of(made: Plan, name: str = "app") -> dict[str, list[str]]:
    return {
        one.node: [str(platform) for platform in one.platforms]
        for one in made.solves.values()
        if one.target == name
    }


def test_one_node_builds_everything_at_once() -> None:
    made = plan(target(platforms=("linux/amd64", "linux/arm64")), nodes=[EMULATING])
    assert nodes_of(made) == {"emu": ["linux/amd64", "linux/arm64"]}
    assert "multi-platform" not in made.solves[SolveKey("app@emu")].attrs


def test_platforms_go_where_they_are_native() -> None:
    wanted = target(platforms=("linux/arm64", "linux/amd64", "linux/arm/v7"), output=("type=cacheonly",))
    assert nodes_of(plan(wanted, nodes=[EMULATING, ARM])) == {
        "arm": ["linux/arm64", "linux/arm/v7"],
        "emu": ["linux/amd64"],
    }


def test_emulation_serves_where_nothing_is_native() -> None:
    made = plan(target(platforms=("linux/riscv64",), output=("type=cacheonly",)), nodes=[AMD, EMULATING])
    assert nodes_of(made) == {"emu": ["linux/riscv64"]}


def test_what_a_person_fixed_comes_first() -> None:
    fixed = node("fixed", "linux/arm64", "linux/amd64", fixed=(parse("linux/arm64"),))
    made = plan(target(platforms=("linux/arm64",), output=("type=cacheonly",)), nodes=[ARM, fixed])
    assert nodes_of(made) == {"fixed": ["linux/arm64"]}


def test_what_nobody_can_goes_to_the_first_node() -> None:
    made = plan(target(platforms=("linux/s390x",), output=("type=cacheonly",)), nodes=[ARM, AMD])
    assert nodes_of(made) == {"arm": ["linux/s390x"]}


def test_without_platforms_the_first_nodes_own_is_built() -> None:
    assert nodes_of(plan(target(output=("type=cacheonly",)), nodes=[ARM, AMD])) == {"arm": []}


def equals(count: int) -> list[NodeFacts]:
    return [node(f"n{number}", "linux/amd64") for number in range(count)]


def test_equal_nodes_share_the_targets_and_each_target_keeps_its_node() -> None:
    wanted = [target(f"t{number}", output=("type=cacheonly",)) for number in range(40)]
    made = plan(*wanted, nodes=equals(3))
    placed = {one.target: one.node for one in made.solves.values()}
    assert len(set(placed.values())) == 3
    fewer = plan(*wanted, nodes=equals(2))
    stayed = [one for one in fewer.solves.values() if placed[one.target] == one.node]
    assert {one.target for one in stayed} == {name for name, at in placed.items() if at != "n2"}


def test_linked_targets_stay_together() -> None:
    wanted = [target("base", output=("type=cacheonly",))]
    wanted += [
        target(f"t{number}", contexts={"b": "target:base"}, output=("type=cacheonly",)) for number in range(9)
    ]
    made = plan(*wanted, nodes=equals(3))
    assert len({one.node for one in made.solves.values()}) == 1


def test_an_input_is_built_wherever_its_dependents_are() -> None:
    both = ("linux/amd64", "linux/arm64")
    base = target("base", output=("type=local,dest=out",))
    app = target(contexts={"b": "target:base"}, platforms=both, output=("type=cacheonly",))
    made = plan(base, app, nodes=[AMD, ARM])
    assert nodes_of(made, "base") == {"amd": [], "arm": ["linux/arm64"]}
    assert len(made.solves[SolveKey("base@amd")].exports) == 1
    assert made.solves[SolveKey("base@arm")].exports == ()
    assert made.joins["base"].solves == (SolveKey("base@amd"),)
    assert made.inputs(SolveKey("app@arm")) == (SolveKey("base@arm"),)


def test_added_inputs_bring_their_own_inputs_along() -> None:
    quiet = ("type=cacheonly",)
    root = target("root", output=quiet)
    mid = target("mid", contexts={"r": "target:root"}, output=quiet)
    app = target(contexts={"m": "target:mid"}, platforms=("linux/arm64",), output=quiet)
    made = plan(root, mid, app, nodes=[AMD, ARM])
    assert set(nodes_of(made, "root")) == {"amd", "arm"}
    order = list(made.solves)
    for key in order:
        assert all(order.index(wanted) < order.index(key) for wanted in made.inputs(key))


def test_no_nodes_is_an_error() -> None:
    with pytest.raises(BuilderError, match="No node to build on"):
        make(Definition(), [], PlanOptions(), Host())


def test_faults_of_all_targets_are_told_together() -> None:
    found = faults(target("a", network="x", tags=("Bad",)), target("b", context="gone"), nodes=[AMD])
    assert len(found) == 3
