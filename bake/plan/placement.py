"""Which node builds what: targets and their platforms onto nodes.

Takes facts, gives `Unit`s. Its rules: a platform goes to a node that a person fixed for it, else to one
that has it natively, else to one that emulates it, else to the first node, whose error will say what is
missing. A family of linked targets stays together on one of equally good nodes; a linked target is built
wherever its dependents are.

Balancing is rendezvous hashing with bounded loads (Mirrokni, Thorup, Zadimoghaddam, 2016): each family
prefers the nodes in an order of its own, and no node is given more than its share of targets. The same
targets on the same nodes meet the same caches again, and no state is kept. Without it the first node that
has a platform builds it, as with buildx.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from bake import platforms as platform_words
from bake.plan import graph
from bake.plan.faults import fault
from bake.record import record

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from bake.host import Host
    from bake.model.target import Target
    from bake.node import NodeFacts
    from bake.platforms import Platform

FIXED, NATIVE, EMULATED = range(3)


@record
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


@record
class _Ask:
    """A family that wants one of these nodes, which are equally good."""

    family: str
    nodes: tuple[str, ...]


def place(
    targets: Mapping[str, Target],
    wanted: Mapping[str, Sequence[Platform]],
    nodes: Sequence[NodeFacts],
    *,
    balance: bool = True,
) -> dict[str, list[Unit]]:
    """The units of each target; `targets` in build order, `wanted` are the platforms of each."""
    families = graph.families(targets) if len(nodes) > 1 else {}
    asks = {name: _asks(wanted[name], nodes, families.get(name, name), balance=balance) for name in targets}
    chosen = _chosen([ask for own in asks.values() for ask in own], balance=balance)
    placed = {name: _units(name, asks[name], chosen) for name in targets}
    for name in reversed(list(targets)):  # dependents before their inputs, so that additions spread upwards
        for parent in graph.links(targets[name]).values():
            placed[parent] += _missing(placed[name], placed[parent], parent)
    return placed


def emulated_for_nothing(
    units: Iterable[Unit], nodes: Sequence[NodeFacts]
) -> Iterator[tuple[Unit, Platform, str]]:
    """What will run emulated though another node has the platform natively, with that node's name."""
    facts = {node.name: node for node in nodes}
    for unit in units:
        for platform in unit.platforms:
            native = [node.name for node in nodes if _is_native(platform, node)]
            if native and not _is_native(platform, facts[unit.node]):
                yield unit, platform, native[0]


def _units(target: str, asks: Mapping[_Ask, Sequence[Platform]], chosen: Mapping[_Ask, str]) -> list[Unit]:
    """One for each node, in the order of the nodes' first platform."""
    by_node: dict[str, list[Platform]] = {}
    for ask, platforms in asks.items():
        by_node.setdefault(chosen[ask], []).extend(platforms)
    return [Unit(target, node, tuple(platforms)) for node, platforms in by_node.items()]


def _missing(children: Sequence[Unit], present: Sequence[Unit], parent: str) -> list[Unit]:
    nodes = {unit.node for unit in present}
    return [
        Unit(parent, one.node, one.platforms, context_only=True) for one in children if one.node not in nodes
    ]


def _asks(
    wanted: Sequence[Platform], nodes: Sequence[NodeFacts], family: str, *, balance: bool
) -> dict[_Ask, list[Platform]]:
    """What a target asks for: its platforms, by the nodes that suit them best."""
    if not wanted:
        return {_Ask(family, _without_platform(nodes)): []}
    asks: dict[_Ask, list[Platform]] = {}
    for platform in wanted:
        asks.setdefault(_Ask(family, _best(platform, nodes, balance=balance)), []).append(platform)
    return asks


def _without_platform(nodes: Sequence[NodeFacts]) -> tuple[str, ...]:
    """A target that names no platform gets the first node's, on any node that has the same."""
    own = nodes[0].platforms[0] if nodes[0].platforms else None
    equal = [node for node in nodes if node.platforms and node.platforms[0] == own] or nodes[:1]
    return tuple(node.name for node in equal)


def _best(platform: Platform, nodes: Sequence[NodeFacts], *, balance: bool) -> tuple[str, ...]:
    ranked = [(rank, node.name) for node in nodes if (rank := _rank(platform, node)) is not None]
    if not balance:
        # buildx tells what is fixed from what is not, but not what is native from what is emulated
        ranked = [(min(rank, NATIVE), name) for rank, name in ranked]
    least = min((rank for rank, _ in ranked), default=None)
    return tuple(name for rank, name in ranked if rank == least) or (nodes[0].name,)


def _rank(platform: Platform, node: NodeFacts) -> int | None:
    """How well the node suits, less is better; None if it cannot build the platform."""
    if any(platform_words.matches(one, platform) for one in node.fixed):
        return FIXED
    if _is_native(platform, node):
        return NATIVE
    listed = node.platforms[len(node.fixed) :]
    return EMULATED if any(platform_words.matches(one, platform) for one in listed) else None


def _is_native(platform: Platform, node: NodeFacts) -> bool:
    """A worker lists its machine's own platform first."""
    listed = node.platforms[len(node.fixed) :]
    return bool(listed) and platform_words.best(listed[0], [platform]) is not None


def _chosen(asked: Sequence[_Ask], *, balance: bool) -> dict[_Ask, str]:
    """The node of each ask. The heaviest choose first, then those who prefer their node most."""
    weights = Counter(asked)
    chosen = {ask: ask.nodes[0] for ask in weights if len(ask.nodes) == 1 or not balance}
    load = Counter({node: 0 for ask in weights for node in ask.nodes})
    for ask, node in chosen.items():
        load[node] += weights[ask]
    open_asks = [ask for ask in weights if ask not in chosen]
    shares = {nodes: _share(nodes, open_asks, weights, load) for nodes in {ask.nodes for ask in open_asks}}
    for ask in sorted(open_asks, key=lambda ask: (weights[ask], _liking(ask)[0]), reverse=True):
        liked = [node for _, node in _liking(ask)]
        room = [node for node in liked if load[node] + weights[ask] <= shares[ask.nodes]]
        chosen[ask] = room[0] if room else min(liked, key=lambda node: load[node])
        load[chosen[ask]] += weights[ask]
    return chosen


def _share(
    nodes: tuple[str, ...], asks: Sequence[_Ask], weights: Mapping[_Ask, int], load: Mapping[str, int]
) -> int:
    """How many targets each of the nodes has to take, if all is even."""
    total = sum(weights[ask] for ask in asks if ask.nodes == nodes) + sum(load[node] for node in nodes)
    return -(-total // len(nodes))


def _liking(ask: _Ask) -> list[tuple[bytes, str]]:
    """The ask's nodes, the one whose hash together with the family's name is highest first."""
    from hashlib import sha256  # only where there is a choice

    return sorted(
        ((sha256(f"{ask.family}\0{node}".encode()).digest(), node) for node in ask.nodes), reverse=True
    )
