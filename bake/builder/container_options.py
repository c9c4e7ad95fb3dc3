"""The options of the `docker-container` driver: `--driver-opt` to what the Engine is asked for.

Takes a node's options, gives `Options`; names and rules are those of driver/docker-container/factory.go
(0.36.1).
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from bake.builder.driver import IMAGE
from bake.builder.options import ENVIRONMENT, Option, flag, settings
from bake.goscalars import parse_int64
from bake.quantities import parse_size
from bake.record import record

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bake.node import Node

DEFAULT_RESTART = "unless-stopped"
CGROUP_PARENT = "/docker/buildx"
"""All builders' containers are inside of it, so limits can be put on all builds of a machine."""
_RESTARTS = ("no", "always", "unless-stopped", "on-failure")


@record
class Options:
    """`host` holds the limits under the docker SDK's names (`mem_limit`, bytes; `cpu_period`, …)."""

    image: str = IMAGE
    network: str = ""
    cgroup_parent: str = CGROUP_PARENT
    restart: Mapping[str, object] = field(default_factory=lambda: _restart(DEFAULT_RESTART))
    default_load: bool = False
    add_github: bool = True
    environment: Mapping[str, str] = field(default_factory=dict)
    host: Mapping[str, object] = field(default_factory=dict)


def parse(node: Node) -> Options:
    """Raises BuilderError for an option that is unknown or cannot be read."""
    return Options(**settings(node, _TABLE, "docker-container driver"))


def _swap(value: str) -> int:
    return -1 if value == "-1" else parse_size(value)


def _restart(value: str) -> dict[str, object]:
    name, colon, count = value.partition(":")
    if name not in _RESTARTS:
        raise ValueError(f"expected one of {', '.join(_RESTARTS)}")
    if colon and (name != "on-failure" or not count.isdecimal()):
        raise ValueError("only on-failure has a count: on-failure:3")
    return {"Name": name, "MaximumRetryCount": int(count or 0)}


_TABLE = {
    # images are not verified here, so there is nothing to allow
    "allow-untrusted-image": Option("", flag),
    "cgroup-parent": Option("cgroup_parent"),
    "cpu-period": Option("host.cpu_period", parse_int64),
    "cpu-quota": Option("host.cpu_quota", parse_int64),
    "cpu-shares": Option("host.cpu_shares", parse_int64),
    "cpuset-cpus": Option("host.cpuset_cpus"),
    "cpuset-mems": Option("host.cpuset_mems"),
    "default-load": Option("default_load", flag),
    "image": Option("image"),
    "memory": Option("host.mem_limit", parse_size),
    "memory-swap": Option("host.memswap_limit", _swap),
    "network": Option("network"),
    "provenance-add-gha": Option("add_github", flag),
    "restart-policy": Option("restart", _restart),
    **ENVIRONMENT,
}
