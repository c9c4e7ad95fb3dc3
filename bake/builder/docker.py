"""The `docker` driver: the BuildKit inside a Docker Engine, reached through the Engine's API.

There is nothing to start or remove: the Engine is there or it is not. `node.endpoint` is a docker context
or an address.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bake.builder.driver import DEFAULT_LOAD, FEATURES, Status
from bake.buildkit import endpoint
from bake.errors import BuilderError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bake.builder.site import Site
    from bake.buildkit.control import Worker
    from bake.buildkit.endpoint import Address, Engine
    from bake.node import Node

SNAPSHOTTER_LABEL = "org.mobyproject.buildkit.worker.snapshotter"
"""A worker that has it stores images in containerd; one that has not uses an Engine's graph driver."""

ENGINE_LABELS = "org.mobyproject.buildkit.worker.moby."

BOOTING = "[internal] reaching the engine"


def check(node: Node) -> None:
    if node.files:
        raise BuilderError(
            "setting config file is not supported for docker driver, use dockerd configuration file"
        )
    if node.driver_opts or node.buildkitd_flags:
        raise BuilderError("The docker driver takes no options", detail=f"node `{node.name}`")


def address(site: Site, context: str) -> Address:
    """The Engine behind a docker context, or behind an address."""
    if "://" in context:
        return endpoint.parse(context)
    where = site.endpoint(context)
    return endpoint.parse(where.host, where.tls)


def dial(site: Site, node: Node) -> Engine:
    return endpoint.Engine(address(site, node.endpoint))


def info(site: Site, node: Node) -> Status:
    """Raises BuilderError for an Engine that does not answer."""
    from bake.builder.engine_api import EngineApi

    EngineApi(address(site, node.endpoint)).get("/_ping")
    return Status.RUNNING


def version(site: Site, node: Node) -> str:
    """The version of an Engine whose BuildKit does not say its own, as the worker of moby calls it."""
    from bake.builder.engine_api import EngineApi

    found = EngineApi(address(site, node.endpoint)).get("/version").json()
    return str(found.get("Version") or "").removesuffix("-moby")


def start(site: Site, node: Node, say: Callable[[str], None]) -> None: ...


def stop(site: Site, node: Node) -> None: ...


def remove(site: Site, node: Node, *, keep_state: bool, keep_daemon: bool) -> None: ...


def is_engine(workers: Sequence[Worker]) -> bool:
    """Whether the BuildKit of these workers is the one inside a Docker Engine."""
    return any(label.startswith(ENGINE_LABELS) for worker in workers for label in worker.labels)


def image_store(workers: Sequence[Worker]) -> str:
    """`containerd` or `graphdriver`."""
    has_snapshotter = any(SNAPSHOTTER_LABEL in worker.labels for worker in workers)
    return "containerd" if has_snapshotter else "graphdriver"


def features(node: Node, workers: Sequence[Worker]) -> frozenset[str]:  # noqa: ARG001
    return FEATURES if image_store(workers) == "containerd" else frozenset({DEFAULT_LOAD})
