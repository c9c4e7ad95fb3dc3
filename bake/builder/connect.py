"""From a configured builder to nodes that answer.

Takes a `Builder`, gives `Connected` nodes: a client, and the facts that planning needs. Nodes are asked at
the same time; those that do not answer are errors only when none does.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bake import platforms
from bake.builder import boot, docker, driver
from bake.builder.driver import Status
from bake.buildkit.client import Client
from bake.errors import BakeError, BuilderError, raise_all
from bake.node import NodeFacts

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bake.builder.site import Site
    from bake.buildkit.control import Worker
    from bake.node import Builder, Node
    from bake.progress import Emit


@dataclass(frozen=True, slots=True)
class Connected:
    """A node that answered. Closing the client is the caller's business."""

    node: Node
    client: Client
    facts: NodeFacts


@dataclass(frozen=True, slots=True)
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
    found: list[Connected | Unreachable | None] = [None] * len(builder.nodes)

    def ask(index: int, node: Node) -> None:
        try:
            found[index] = _connect(site, builder.driver, node, emit)
        except BakeError as exc:
            found[index] = Unreachable(node, exc)

    if len(builder.nodes) == 1:
        ask(0, builder.nodes[0])
    else:
        _at_once([(ask, index, node) for index, node in enumerate(builder.nodes)])
    connected = [one for one in found if isinstance(one, Connected)]
    unreachable = [one for one in found if isinstance(one, Unreachable)]
    if not connected:
        raise_all([one.error for one in unreachable], f"no node of the builder `{builder.name}` answers")
    return connected, unreachable


def _at_once(work: Sequence[tuple[Callable[[int, Node], None], int, Node]]) -> None:
    threads = [threading.Thread(target=one, args=(index, node), daemon=True) for one, index, node in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _connect(site: Site, name: str, node: Node, emit: Emit) -> Connected:
    kind = driver.find(name)
    endpoint = kind.dial(site, node)
    # drivers that run BuildKit themselves look before they are dialled; the others answer or do not
    if name not in ("docker", "remote") and kind.info(site, node) is not Status.RUNNING:
        boot.start(site, name, node, emit)
    client = Client(endpoint)
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
