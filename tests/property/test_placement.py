"""Balancing of any targets over any nodes: everyone gets a place, nobody more than its share."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from bake.plan.placement import place
from bake.platforms import parse
from tests.fakes.planning import node, target

if TYPE_CHECKING:
    from random import Random

names = st.lists(st.from_regex(r"[a-z]{1,6}", fullmatch=True), min_size=1, max_size=30, unique=True)
counts = st.integers(1, 6)


@given(names, counts)
def test_independent_targets_are_shared_evenly(found: list[str], count: int) -> None:
    nodes = [node(f"n{number}", "linux/amd64") for number in range(count)]
    placed = place({name: target(name) for name in found}, dict.fromkeys(found, ()), nodes)
    load = Counter(units[0].node for units in placed.values())
    assert sum(load.values()) == len(found)
    assert max(load.values()) <= -(-len(found) // count)


@given(names, counts, st.randoms())
def test_neither_order_matters(found: list[str], count: int, random: Random) -> None:
    nodes = [node(f"n{number}", "linux/amd64") for number in range(count)]
    expected = place({name: target(name) for name in found}, dict.fromkeys(found, ()), nodes)
    random.shuffle(found)
    random.shuffle(nodes)
    assert place({name: target(name) for name in found}, dict.fromkeys(found, ()), nodes) == expected


@given(names, st.data())
def test_every_platform_goes_to_a_node_that_has_it(found: list[str], data: st.DataObject) -> None:
    kinds = ("linux/amd64", "linux/arm64", "linux/s390x")
    listed = st.lists(st.sampled_from(kinds), min_size=1, unique=True)
    nodes = [node(f"n{at}", *data.draw(listed)) for at in range(data.draw(counts))]
    offered = {str(one) for each in nodes for one in each.platforms}
    wanted = {name: tuple(map(parse, data.draw(listed))) for name in found}
    placed = place({name: target(name) for name in found}, wanted, nodes, balance=data.draw(st.booleans()))
    facts = {each.name: {str(one) for one in each.platforms} for each in nodes}
    for name, units in placed.items():
        assert sorted(str(one) for unit in units for one in unit.platforms) == sorted(map(str, wanted[name]))
        for unit in units:
            assert all(str(one) in facts[unit.node] or str(one) not in offered for one in unit.platforms)
