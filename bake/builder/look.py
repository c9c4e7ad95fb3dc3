"""How builders are: every node of every builder asked at the same time, each answer on its own.

Takes `Builder`s, gives a `BuilderState` for each. Nothing is started, and nothing raised for a node that
does not answer: its state says why. Where each node stands for several that run, these are the nodes, and the
builder is dynamic. Rules are those of builder/node.go (buildx 0.36.1).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bake.builder import driver
from bake.builder.driver import Status
from bake.builder.resolve import current, store_of
from bake.builder.together import ask_all, ask_all_within
from bake.errors import BakeError, BuilderError
from bake.node import BuilderState, NodeState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bake.builder.site import Site
    from bake.buildkit.client import Client
    from bake.node import Builder, Node

TIMEOUT = 20.0
"""Seconds that nodes have for their answers, if nobody says otherwise."""


def look(site: Site, builders: Sequence[Builder], timeout: float = TIMEOUT) -> list[BuilderState]:
    """The states of `builders`, in their order. `timeout` 0 waits for as long as it takes."""
    nodes = [(builder, node) for builder in builders for node in builder.nodes]
    states = iter(_ask_all(site, nodes, timeout))
    chosen = current(site).name
    store = store_of(site)
    found = []
    for builder in builders:
        builder, answers = _opened(builder, [next(states) for _ in builder.nodes])
        context = builder.driver == "docker"  # no builder of the store can have it
        # of a docker context nothing is known but its engine: without that there is no builder
        fault = next((one.error for one in answers if one.error), None) if context else None
        found.append(
            BuilderState(
                builder,
                store.last_activity(builder.name),
                () if fault else answers,
                fault,
                builder.name == chosen,
                context,
            )
        )
    return found


def _ask_all(
    site: Site, nodes: Sequence[tuple[Builder, Node]], timeout: float
) -> list[tuple[NodeState, Sequence[NodeState]]]:
    """The state of each node, and of those that it stands for."""
    found = ask_all_within(timeout, nodes, lambda pair: _look_into(site, pair[0].driver, pair[1]))
    return [answer or (_late(node, timeout), ()) for answer, (_, node) in zip(found, nodes, strict=True)]


def _opened(
    builder: Builder, answers: Sequence[tuple[NodeState, Sequence[NodeState]]]
) -> tuple[Builder, tuple[NodeState, ...]]:
    """The builder as it is shown: with the nodes that its own stand for, if each of them does."""
    if not answers or not all(members for _, members in answers):
        return builder, tuple(state for state, _ in answers)
    states = tuple(state for _, members in answers for state in members)
    return replace(builder, nodes=tuple(state.node for state in states), dynamic=True), states


def _look_into(site: Site, name: str, node: Node) -> tuple[NodeState, Sequence[NodeState]]:
    members: Sequence[Node] = ()
    try:
        kind = driver.find(name)
        if isinstance(kind, driver.Grouping) and kind.info(site, node) is Status.RUNNING:
            members = kind.members(site, node)
    except BakeError as error:
        return NodeState(node, error=error), ()
    if not members:
        return look_at(site, name, node), ()
    return NodeState(node, Status.RUNNING.value), ask_all(members, lambda one: look_at(site, name, one))


def _late(node: Node, timeout: float) -> NodeState:
    error = BuilderError(
        "no answer in time",
        detail=f"`{node.endpoint}` said nothing for {timeout:g} s",
        hint="wait longer: --timeout 60s",
    )
    return NodeState(node, error=error)


def look_at(site: Site, name: str, node: Node) -> NodeState:
    """The state of a node of a builder whose driver is called `name`."""
    try:
        proxies = site.proxies
    except BakeError as error:
        return NodeState(node, error=error)
    try:
        kind = driver.find(name)
        kind.check(node)
    except BakeError as error:
        return NodeState(node, proxies=proxies, error=error)
    try:
        status = kind.info(site, node)
        if status is not Status.RUNNING:
            return NodeState(node, status.value, proxies=proxies)
        return _asked(site, kind, node)
    except BakeError as error:
        # a BuildKit that somebody else runs is not broken by being away
        status_word = Status.INACTIVE.value if name == "remote" else ""
        return NodeState(node, status_word, proxies=proxies, error=error)


def _asked(site: Site, kind: driver.Driver, node: Node) -> NodeState:
    from bake.buildkit.client import Client

    client = Client(kind.dial(site, node))
    try:
        workers = tuple(client.workers())
        version = _version(site, kind, node, client)
        return NodeState(
            node, Status.RUNNING.value, workers, version, kind.features(node, workers), site.proxies
        )
    finally:
        client.close()


def _version(site: Site, kind: driver.Driver, node: Node, client: Client) -> str:
    try:
        return client.info().version
    except BuilderError:  # a BuildKit older than the call
        return kind.version(site, node)
