"""Which node builds what: targets and their platforms onto nodes.

Takes facts, gives `Unit`s. Its rules: a platform goes to a node that a person fixed for it, else to one
that has it natively, else to one that emulates it, else to the first node, whose error will say what is
missing. Among equally good nodes a family of linked targets is placed by rendezvous hashing of its name,
so the same target meets the same cache again and no state is kept. A linked target is built wherever its
dependents are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bake import platforms as platform_words
from bake.plan import graph
from bake.plan.faults import fault

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bake.host import Host
    from bake.model.target import Target
    from bake.node import NodeFacts
    from bake.platforms import Platform

FIXED, NATIVE, EMULATED = range(3)


@dataclass(frozen=True, slots=True)
class Unit:
    """A target on a node, for some platforms (none means the node's own).

    `context_only` units were added for a dependent; they export nothing.
    """

    target: str
    node: str
    platforms: tuple[Platform, ...] = ()
    context_only: bool = False


def platforms_of(target: Target, host: Host) -> tuple[Platform, ...]:
    """The platforms asked for, none for the node's own. Raises DefinitionError."""
    try:
        return platform_words.parse_list(target.platforms, host.platform or platform_words.LINUX_AMD64)
    except ValueError as exc:
        raise fault(target, "platforms", "Invalid platform", detail=str(exc)) from exc


def place(
    targets: Mapping[str, Target], wanted: Mapping[str, Sequence[Platform]], nodes: Sequence[NodeFacts]
) -> dict[str, list[Unit]]:
    """The units of each target; `targets` in build order, `wanted` are the platforms of each."""
    families = graph.families(targets) if len(nodes) > 1 else {}
    placed = {
        name: [
            Unit(name, node, tuple(own))
            for node, own in _split(wanted[name], nodes, families.get(name, name))
        ]
        for name in targets
    }
    for name in reversed(list(targets)):  # dependents before their inputs, so that additions spread upwards
        for parent in graph.links(targets[name]).values():
            placed[parent] += _missing(placed[name], placed[parent], parent)
    return placed


def _missing(children: Sequence[Unit], present: Sequence[Unit], parent: str) -> list[Unit]:
    nodes = {unit.node for unit in present}
    return [
        Unit(parent, one.node, one.platforms, context_only=True) for one in children if one.node not in nodes
    ]


def _split(
    wanted: Sequence[Platform], nodes: Sequence[NodeFacts], family: str
) -> list[tuple[str, list[Platform]]]:
    """(node, platforms) pairs in the order of the nodes' first platform."""
    if not wanted:
        return [(_without_platform(nodes, family), [])]
    by_node: dict[str, list[Platform]] = {}
    for platform in wanted:
        by_node.setdefault(_best(platform, nodes, family), []).append(platform)
    return list(by_node.items())


def _without_platform(nodes: Sequence[NodeFacts], family: str) -> str:
    """A target that names no platform gets the first node's, on any node that has the same."""
    own = nodes[0].platforms[0] if nodes[0].platforms else None
    equal = [node for node in nodes if node.platforms and node.platforms[0] == own] or nodes[:1]
    return _choose(equal, family)


def _best(platform: Platform, nodes: Sequence[NodeFacts], family: str) -> str:
    ranked = [(rank, node) for node in nodes if (rank := _rank(platform, node)) is not None]
    if not ranked:
        return nodes[0].name
    least = min(rank for rank, _ in ranked)
    return _choose([node for rank, node in ranked if rank == least], family)


def _rank(platform: Platform, node: NodeFacts) -> int | None:
    """How well the node suits, less is better; None if it cannot build the platform."""
    if any(platform_words.matches(one, platform) for one in node.fixed):
        return FIXED
    listed = node.platforms[len(node.fixed) :]
    if listed and platform_words.best(listed[0], [platform]) is not None:
        return NATIVE
    return EMULATED if any(platform_words.matches(one, platform) for one in listed) else None


def _choose(nodes: Sequence[NodeFacts], family: str) -> str:
    """Rendezvous hashing: the node whose hash together with the name is highest."""
    if len(nodes) == 1:
        return nodes[0].name
    from hashlib import sha256  # only where there is a choice

    return max((node.name for node in nodes), key=lambda name: sha256(f"{family}\0{name}".encode()).digest())
