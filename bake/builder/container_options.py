"""The options of the `docker-container` driver: `--driver-opt` to what the Engine is asked for.

Takes a node's options, gives `Options`; names and rules are those of driver/docker-container/factory.go
(0.36.1). A row of the table says how one option is read.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Any

from bake.errors import BuilderError
from bake.goscalars import GO_FALSE, GO_TRUE
from bake.quantities import parse_size
from bake.record import names, record

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bake.node import Node

DEFAULT_IMAGE = "moby/buildkit:buildx-stable-1"
DEFAULT_RESTART = "unless-stopped"
CGROUP_PARENT = "/docker/buildx"
"""All builders' containers are inside of it, so limits can be put on all builds of a machine."""
_ENV = "env."
_RESTARTS = ("no", "always", "unless-stopped", "on-failure")


@record
class Options:
    """`host` holds the limits under the docker SDK's names (`mem_limit`, bytes; `cpu_period`, …)."""

    image: str = DEFAULT_IMAGE
    network: str = ""
    cgroup_parent: str = CGROUP_PARENT
    restart: Mapping[str, object] = field(default_factory=lambda: _restart(DEFAULT_RESTART))
    default_load: bool = False
    add_github: bool = True
    environment: Mapping[str, str] = field(default_factory=dict)
    host: Mapping[str, object] = field(default_factory=dict)


def parse(node: Node) -> Options:
    """Raises BuilderError for an option that is unknown or cannot be read."""
    settings: dict[str, Any] = {}
    limits: dict[str, object] = {}
    environment: dict[str, str] = {}
    for name, value in node.driver_opts.items():
        if name.startswith(_ENV) and name != _ENV:
            environment[name.removeprefix(_ENV)] = value
            continue
        if name not in _TABLE:
            raise _unknown(name, node)
        key, read = _TABLE[name]
        try:
            found = read(value)
        except ValueError as exc:
            raise BuilderError(
                f"invalid value for {name}: {exc}", detail=f"node `{node.name}`: `{name}={value}`"
            ) from exc
        if key:
            (settings if key in names(Options) else limits)[key] = found
    return Options(**settings, environment=environment, host=limits)


def _unknown(name: str, node: Node) -> BuilderError:
    if name == _ENV:
        return BuilderError(f'invalid env option "{name}", expecting env.FOO=bar')
    return BuilderError(
        f"invalid driver option {name} for docker-container driver",
        detail=f"node `{node.name}` can have {', '.join(sorted(_TABLE))}, env.NAME",
    )


def _text(value: str) -> str:
    return value


def _swap(value: str) -> int:
    return -1 if value == "-1" else parse_size(value)


def _flag(value: str) -> bool:
    if value not in GO_TRUE | GO_FALSE:
        raise ValueError("expected true or false")
    return value in GO_TRUE


def _restart(value: str) -> dict[str, object]:
    name, colon, count = value.partition(":")
    if name not in _RESTARTS:
        raise ValueError(f"expected one of {', '.join(_RESTARTS)}")
    if colon and (name != "on-failure" or not count.isdecimal()):
        raise ValueError("only on-failure has a count: on-failure:3")
    return {"Name": name, "MaximumRetryCount": int(count or 0)}


_TABLE: Mapping[str, tuple[str, Callable[[str], object]]] = {
    "network": ("network", _text),
    "image": ("image", _text),
    "cgroup-parent": ("cgroup_parent", _text),
    "restart-policy": ("restart", _restart),
    "default-load": ("default_load", _flag),
    "provenance-add-gha": ("add_github", _flag),
    # images are not verified here, so there is nothing to allow
    "allow-untrusted-image": ("", _flag),
    "memory": ("mem_limit", parse_size),
    "memory-swap": ("memswap_limit", _swap),
    "cpu-period": ("cpu_period", int),
    "cpu-quota": ("cpu_quota", int),
    "cpu-shares": ("cpu_shares", int),
    "cpuset-cpus": ("cpuset_cpus", _text),
    "cpuset-mems": ("cpuset_mems", _text),
}
"""Option → the name of what it sets ("" for nothing), and how it is read (raises ValueError)."""
