"""What a driver is: how one kind of node is reached, started and stopped.

A driver is a module that satisfies `Driver`; `DRIVERS` names them, and each is imported when it is
needed. There is no registration.
"""

from __future__ import annotations

from enum import Enum
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast, runtime_checkable

from bake.errors import BuilderError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bake.builder.site import Site
    from bake.buildkit.control import Worker
    from bake.buildkit.endpoint import Endpoint
    from bake.node import Node

DRIVERS = {
    "docker": "bake.builder.docker",
    "docker-container": "bake.builder.docker_container",
    "kubernetes": "bake.builder.kubernetes",
    "local": "bake.builder.local",
    "remote": "bake.builder.remote",
}
"""Drivers by buildx's names."""

REPLACED = frozenset({"kubernetes"})
"""Drivers with somebody who starts a new BuildKit where one has gone."""

IMAGE = "moby/buildkit:buildx-stable-1"
"""What nodes run in that pybake makes, if nobody says otherwise."""
DIAL = ("buildctl", "dial-stdio")
"""What, run beside a BuildKit, speaks its protocol on its standard streams."""

DEFAULT_LOAD = "Default load"
PREFER_DIGEST = "Prefer image digest"
LATER = frozenset(("OCI exporter", "Docker exporter", "Cache export", "Multi-platform build", "Direct push"))
"""What every BuildKit can that is not an old Engine's."""
FEATURES = LATER | {DEFAULT_LOAD, PREFER_DIGEST}
"""All that drivers differ in, by buildx's names. Only an Engine prefers digests."""


class Status(Enum):
    """Whether a node can be built on."""

    INACTIVE = "inactive"
    STARTING = "starting"
    RUNNING = "running"
    STOPPING = "stopping"
    STOPPED = "stopped"


class Driver(Protocol):
    """One kind of node. Every function raises BuilderError."""

    BOOTING: str
    """What starting it is called, as a step of progress."""

    def check(self, node: Node) -> None:
        """Complain about a configuration that can never work."""

    def dial(self, site: Site, node: Node) -> Endpoint:
        """Where BuildKit answers; nothing is contacted yet."""

    def info(self, site: Site, node: Node) -> Status:
        """Its status now. Raises BuilderError if that cannot be learnt."""

    def version(self, site: Site, node: Node) -> str:
        """BuildKit's version where BuildKit does not say it itself, "" if nobody does."""

    def start(self, site: Site, node: Node, say: Callable[[str], None]) -> None:
        """Bring it up, if it is down; `say` is told each piece of that as it begins."""

    def stop(self, site: Site, node: Node) -> None:
        """Stop it, keeping its cache."""

    def remove(self, site: Site, node: Node, *, keep_state: bool, keep_daemon: bool) -> None:
        """Remove what was made for it."""

    def features(self, node: Node, workers: Sequence[Worker]) -> frozenset[str]:
        """What of `FEATURES` a node with these workers can."""


@runtime_checkable
class Grouping(Protocol):
    """A driver whose nodes stand for several BuildKits. Both functions raise BuilderError."""

    def members(self, site: Site, node: Node) -> Sequence[Node]:
        """Those that run at present, each a node that can be dialled."""

    def builds_on(self, site: Site, node: Node) -> Sequence[Node]:
        """Those that builds are shared among, at least one; without sharing the first takes all."""


def made_by_create() -> list[str]:
    """The drivers that builders can be created with; `docker` has its one builder for each context."""
    return sorted(set(DRIVERS) - {"docker"})


def find(name: str) -> Driver:
    """The driver called `name`. Raises BuilderError."""
    if name not in DRIVERS:
        raise BuilderError(
            f'failed to find driver "{name}"', detail=f"there are {', '.join(sorted(DRIVERS))}"
        )
    return cast("Driver", import_module(DRIVERS[name]))
