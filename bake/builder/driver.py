"""What a driver is: how one kind of node is reached, started and stopped.

A driver is a module that satisfies `Driver`; `DRIVERS` names them, and each is imported when it is
needed. There is no registration.
"""

from __future__ import annotations

from enum import Enum
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

from bake.errors import BuilderError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bake.builder.site import Site
    from bake.buildkit.control import Worker
    from bake.buildkit.endpoint import Endpoint
    from bake.node import Node

DRIVERS = {
    "docker": "bake.builder.docker",
    "remote": "bake.builder.remote",
}
"""Drivers by buildx's names."""

FEATURES = frozenset(
    ("OCI exporter", "Docker exporter", "Cache export", "Multi-platform build", "Direct push", "Default load")
)
"""All that drivers differ in, by buildx's names."""
DEFAULT_LOAD = "Default load"
LATER = FEATURES - {DEFAULT_LOAD}
"""What every BuildKit can that is not an old Engine's."""


class Status(Enum):
    """Whether a node can be built on."""

    INACTIVE = "inactive"
    STARTING = "starting"
    RUNNING = "running"
    STOPPING = "stopping"
    STOPPED = "stopped"


class Driver(Protocol):
    """One kind of node. Every function raises BuilderError."""

    def check(self, node: Node) -> None:
        """Complain about a configuration that can never work."""

    def dial(self, site: Site, node: Node) -> Endpoint:
        """Where BuildKit answers; nothing is contacted yet."""

    def info(self, site: Site, node: Node) -> Status:
        """Its status now."""

    def start(self, site: Site, node: Node, say: Callable[[str], None]) -> None:
        """Bring it up, if it is down; `say` is told what takes time."""

    def stop(self, site: Site, node: Node) -> None:
        """Stop it, keeping its cache."""

    def remove(self, site: Site, node: Node, *, keep_state: bool, keep_daemon: bool) -> None:
        """Remove what was made for it."""

    def features(self, node: Node, workers: Sequence[Worker]) -> frozenset[str]:
        """What of `FEATURES` a node with these workers can."""


def find(name: str) -> Driver:
    """The driver called `name`. Raises BuilderError."""
    if name not in DRIVERS:
        raise BuilderError("Unknown driver", detail=f"`{name}` is not one of {', '.join(sorted(DRIVERS))}")
    return cast("Driver", import_module(DRIVERS[name]))
