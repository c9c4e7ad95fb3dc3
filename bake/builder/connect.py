"""From a configured builder to nodes that answer.

Takes a `Builder`, gives `Connected` nodes: a client, and the facts that planning needs. Nodes are asked at
the same time; those that do not answer are errors only when none does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bake import platforms
from bake.builder import boot, docker, driver
from bake.builder.driver import Status
from bake.builder.resolve import next_step
from bake.builder.together import ask_all
from bake.buildkit.client import Client
from bake.errors import BakeError, BuilderError, raise_all
from bake.node import NodeFacts
from bake.record import record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bake.builder.site import Site
    from bake.buildkit.control import Worker
    from bake.node import Builder, Node
    from bake.progress import Emit


@record
class Connected:
    """A node that answered. Closing the client is the caller's business."""

    node: Node
    client: Client
    facts: NodeFacts


@record
class Unreachable:
    """A node that did not answer, and why."""

    node: Node
    error: BakeError


def connect(
    site: Site, builder: Builder, emit: Emit = boot.silent
) -> tuple[list[Connected], list[Unreachable]]:
    """All nodes of `builder`, started if need be; `emit` is told of starts.

    Raises BuilderError (or a group) if none answers.
    """
    if not builder.nodes:
        raise BuilderError("The builder has no nodes", detail=f"`{builder.name}`")
    driver.find(builder.driver)
    found = ask_all(builder.nodes, lambda node: _reached(site, builder.driver, node, emit))
    answers = [one for answers in found for one in answers]
    connected = [one for one in answers if isinstance(one, Connected)]
    unreachable = [one for one in answers if isinstance(one, Unreachable)]
    if not connected:
        for one in unreachable:
            one.error.hint = next_step(site, builder, one.error)
        raise_all([one.error for one in unreachable], f"no node of the builder `{builder.name}` answers")
    return connected, unreachable


def _reached(site: Site, name: str, node: Node, emit: Emit) -> list[Connected | Unreachable]:
    """The answer of `node`, or of each that it stands for."""
    kind = driver.find(name)

    def ask(one: Node) -> Connected | Unreachable:
        try:
            return _connect(site, name, one)
        except BakeError as exc:
            return Unreachable(one, exc)

    try:
        # drivers that run BuildKit themselves look before they are dialled; the others answer or do not
        if name not in ("docker", "remote") and kind.info(site, node) is not Status.RUNNING:
            boot.start(site, name, node, emit)
        nodes = kind.builds_on(site, node) if isinstance(kind, driver.Grouping) else [node]
    except BakeError as exc:
        return [Unreachable(node, exc)]
    return ask_all(nodes, ask)


def _connect(site: Site, name: str, node: Node) -> Connected:
    kind = driver.find(name)
    client = Client(kind.dial(site, node))
    try:
        return Connected(node, client, facts(name, kind, node, client.workers()))
    except BaseException:
        client.close()
        raise


def facts(name: str, kind: driver.Driver, node: Node, workers: Sequence[Worker]) -> NodeFacts:
    """What planning needs to know of a node with these workers."""
    listed = [platform for worker in workers for platform in worker.platforms]
    first = workers[0] if workers else None
    if name == "local" and docker.is_engine(workers):
        name = "docker"  # a private Engine is one
    return NodeFacts(
        name=node.name,
        driver=name,
        platforms=(*node.platforms, *platforms.dedupe(listed)),
        image_store=docker.image_store(workers) if name == "docker" else "",
        features=kind.features(node, workers),
        labels=dict(first.labels) if first else {},
        version=first.version.version if first else "",
        fixed=node.platforms,
    )
