from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from bake.errors import BuilderError
from bake.host import Host
from bake.model.target import Definition
from bake.plan.make import make
from bake.plan.records import PlanOptions
from bake.platforms import parse
from bake.solve import SolveKey
from tests.fakes.planning import faults, machine, node, plan, target

if TYPE_CHECKING:
    from bake.model.target import Target
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


def many(count: int) -> list[Target]:
    return [target(f"t{number}", output=("type=cacheonly",)) for number in range(count)]


def places(made: Plan) -> dict[str, str]:
    return {one.target: one.node for one in made.solves.values()}


def test_equal_nodes_share_the_targets_evenly_in_any_order() -> None:
    placed = places(plan(*many(40), nodes=equals(3)))
    assert sorted(Counter(placed.values()).values()) == [12, 14, 14]
    assert places(plan(*reversed(many(40)), nodes=list(reversed(equals(3))))) == placed


def test_most_targets_keep_their_node_when_another_one_goes() -> None:
    before, after = (places(plan(*many(40), nodes=equals(count))) for count in (3, 2))
    stayed = [name for name, at in before.items() if at == after[name]]
    assert len(stayed) >= sum(at != "n2" for at in before.values()) - 4


def test_a_large_family_takes_the_share_of_its_targets() -> None:
    linked = [
        target(f"l{number}", contexts={"b": "target:t0"}, output=("type=cacheonly",)) for number in range(5)
    ]
    placed = places(plan(*many(7), *linked, nodes=equals(2)))
    assert {placed[one.name] for one in linked} == {placed["t0"]}
    assert sorted(Counter(placed.values()).values()) == [6, 6]


def test_without_balancing_the_first_node_that_has_it_builds() -> None:
    assert set(places(unbalanced(*many(9), nodes=equals(3))).values()) == {"n0"}
    arm = target(platforms=("linux/arm64",), output=("type=cacheonly",))
    assert nodes_of(unbalanced(arm, nodes=[AMD, EMULATING, ARM])) == {"emu": ["linux/arm64"]}


def unbalanced(*wanted: Target, nodes: list[NodeFacts]) -> Plan:
    definition = Definition(targets={one.name: one for one in wanted})
    return make(definition, nodes, PlanOptions(balance=False), machine())


def test_emulation_beside_a_native_node_is_warned_of() -> None:
    arm = target(platforms=("linux/arm64",), output=("type=cacheonly",))
    (note,) = unbalanced(arm, nodes=[EMULATING, ARM]).notes
    assert note.warning
    assert note.text == "app: linux/arm64 is emulated on node emu, though node arm has it natively"
    fixed = node("fixed", "linux/arm64", "linux/amd64", fixed=(parse("linux/arm64"),))
    assert len(plan(arm, nodes=[ARM, fixed]).notes) == 1
    assert plan(arm, nodes=[EMULATING, ARM]).notes == ()


def test_lost_targets_are_planned_elsewhere_with_what_they_need() -> None:
    linked = target("app", contexts={"b": "target:t0"}, output=("type=cacheonly",))
    made = plan(*many(6), linked, nodes=equals(3))
    assert made.elsewhere is not None
    lost = places(made)["app"]
    again = made.elsewhere(["app"], [lost])
    assert set(again.joins) == {"app", "t0"}
    assert lost not in set(places(again).values())


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


def test_a_target_without_platforms_goes_to_any_node_like_the_first() -> None:
    nodes = [node("a", "linux/amd64"), node("b", "linux/arm64"), node("c", "linux/amd64")]
    targets = [target(name=f"t{number}", output=("type=cacheonly",)) for number in range(8)]
    made = plan(*targets, nodes=nodes)
    assert {solve.node for solve in made.solves.values()} == {"a", "c"}


def test_where_no_node_says_its_platforms_the_first_one_builds() -> None:
    made = plan(target(output=("type=cacheonly",)), nodes=[node("a", platforms=()), node("b", platforms=())])
    assert nodes_of(made) == {"a": []}
