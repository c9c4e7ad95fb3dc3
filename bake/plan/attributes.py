"""Frontend attributes: what the Dockerfile frontend is told (BuildKit's `dockerui`, v0.32).

Takes a target and where it builds, gives `str` to `str`. The rules are buildx's toSolveOpt
(build/opt.go, 0.36.1); contexts and their attributes stand in `contexts`.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, TypeVar

from bake.goscalars import GO_FALSE, GO_TRUE
from bake.model import csvvalue
from bake.plan import quantities
from bake.plan.faults import Collector, fault
from bake.plan.features import MULTI_PLATFORM, is_set, supports_attestations, unsupported

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bake.host import Host
    from bake.model.target import Target
    from bake.node import NodeFacts
    from bake.plan.placement import Unit
    from bake.plan.records import GitFacts

T = TypeVar("T")

_WRITTEN_AS = {"build-arg": "args", "label": "labels", "filename": "dockerfile"}
"""Fields of a target whose attributes are called otherwise."""
DEFAULT_PROVENANCE = "mode=min,inline-only=true"
SUBREQUESTS_CAP = "moby.buildkit.frontend.subrequests+forward"
HOST_GATEWAY_LABEL = "org.mobyproject.buildkit.worker.moby.host-gateway-ip"
NETWORKS = {"": None, "default": None, "none": "none", "host": "host"}
_RESOURCES: tuple[tuple[str, str, Callable[[str], int] | None], ...] = (
    ("memory", "memory", quantities.size),
    ("memory_swap", "memswap", quantities.swap),
    ("cpu_shares", "cpushares", int),
    ("cpu_period", "cpuperiod", int),
    ("cpu_quota", "cpuquota", int),
    ("cpuset_cpus", "cpusetcpus", None),
    ("cpuset_mems", "cpusetmems", None),
)
"""Field of `Resources`, frontend attribute, and how to read a number; None for text."""


def frontend(target: Target) -> tuple[str, dict[str, str]]:
    """The frontend and the attributes that choose it. Raises DefinitionError."""
    syntax = target.args.get("BUILDKIT_SYNTAX")
    if syntax is None:
        return "dockerfile.v0", {}
    if not syntax.strip():
        raise fault(
            target,
            "args.BUILDKIT_SYNTAX",
            "Empty BUILDKIT_SYNTAX",
            hint="set it to null, or leave it out, to use the Dockerfile's own syntax line",
        )
    return "gateway.v0", {"source": syntax.strip().split(" ", 1)[0], "cmdline": syntax}


def of_target(target: Target, proxies: Mapping[str, str]) -> dict[str, str]:
    """What does not depend on the node. Raises DefinitionError, or a group of them."""
    attrs = {f"build-arg:{key}": value for key, value in target.args.items()}
    attrs |= {f"label:{key}": value for key, value in target.labels.items()}
    given = {key.lower() for key in target.args}
    attrs |= {f"build-arg:{key}": value for key, value in proxies.items() if key.lower() not in given}
    if target.target:
        attrs["target"] = target.target
    if target.no_cache_filter:
        attrs["no-cache"] = ",".join(target.no_cache_filter)
    if target.no_cache:
        attrs["no-cache"] = ""
    if target.args.get("BUILDKIT_MULTI_PLATFORM") in GO_TRUE:
        attrs["multi-platform"] = "true"
    with Collector() as collect:
        for piece in (_network, limits, _call):
            with collect.piece():
                attrs |= piece(target)
    return attrs


def limits(target: Target) -> dict[str, str]:
    """Sizes and limits for the containers of steps. Raises DefinitionError, or a group of them."""
    attrs: dict[str, str] = {}
    with Collector() as collect:
        for piece in (_shm_size, _ulimits, _resources):
            with collect.piece():
                attrs |= piece(target)
    return attrs


def of_node(target: Target, unit: Unit, node: NodeFacts, host: Host) -> dict[str, str]:
    """What depends on the node. Raises DefinitionError, or a group of them."""
    attrs: dict[str, str] = {}
    if target.pull:
        attrs["image-resolve-mode"] = "pull"
    elif node.driver == "docker":
        attrs["image-resolve-mode"] = "local"
    if unit.platforms:
        if len(unit.platforms) > 1 and MULTI_PLATFORM not in node.features:
            raise unsupported(target, "platforms", MULTI_PLATFORM, node)
        attrs["platform"] = ",".join(map(str, unit.platforms))
    with Collector() as collect:
        with collect.piece():
            attrs |= _attestations(target, node, host)
        with collect.piece():
            attrs |= _hosts(target, node)
    return attrs


def _network(target: Target) -> dict[str, str]:
    network = target.network or ""
    if network not in NETWORKS:
        raise fault(
            target,
            "network",
            "Unknown network mode",
            detail=f"`{network}` is not one of default, host, none",
            hint="a network of your own is given to a builder: pybake create --driver-opt network=…",
        )
    mode = NETWORKS[network]
    return {"force-network-mode": mode} if mode else {}


def _shm_size(target: Target) -> dict[str, str]:
    given = "0" if target.shm_size is None else target.shm_size
    size = _read(target, "shm-size", quantities.size, given)
    return {"shm-size": str(size)} if size > 0 else {}


def _ulimits(target: Target) -> dict[str, str]:
    found: dict[str, str] = {}
    for index, text in enumerate(target.ulimits):
        limit = _read(target, f"ulimits[{index}]", quantities.ulimit, text)
        found[limit.partition("=")[0]] = limit  # a later limit of the same type replaces the earlier one
    return {"ulimit": ",".join(found[kind] for kind in sorted(found))} if found else {}


def _resources(target: Target) -> dict[str, str]:
    attrs: dict[str, str] = {}
    for name, attr, number in _RESOURCES:
        written = getattr(target.resources, name, None)
        if written is None:
            continue
        value = _read(target, "resources", number, str(written)) if number else written
        if value not in (0, ""):
            attrs[attr] = str(value)
    return attrs


def _call(target: Target) -> dict[str, str]:
    request = _read(target, "call", quantities.call, target.call)
    return {"requestid": request} if request else {}


def _hosts(target: Target, node: NodeFacts) -> dict[str, str]:
    gateway = node.labels.get(HOST_GATEWAY_LABEL, "")
    entries: list[str] = []
    for name in sorted(target.extra_hosts):
        entries += _read(
            target,
            f"extra-hosts.{name}",
            lambda address, name=name: quantities.host_entries(name, address, gateway),
            target.extra_hosts[name],
        )
    return {"add-hosts": ",".join(entries)} if entries else {}


def _attestations(target: Target, node: NodeFacts, host: Host) -> dict[str, str]:
    asked = {one.type: one for one in reversed(target.attest)}
    wanted = [one for one in asked.values() if not one.disabled]
    if wanted and not supports_attestations(node):
        raise unsupported(target, "attest", "Attestation", node)
    attrs = {
        f"attest:{one.type}": csvvalue.joined([("type", one.type), *sorted(one.attrs.items())])
        for one in wanted
    }
    silent = "provenance" not in asked and not is_set(host, "BUILDX_NO_DEFAULT_ATTESTATIONS")
    if silent and supports_attestations(node):
        attrs["attest:provenance"] = DEFAULT_PROVENANCE
    return attrs


def of_git(facts: GitFacts | None, trees: Mapping[str, str], dockerfile: str, host: Host) -> dict[str, str]:
    """Where the source comes from, for provenance, and for labels if BUILDX_GIT_LABELS asks for them.

    `trees` are the local folders by name, `dockerfile` is an absolute path.
    """
    labels = host.environment.get("BUILDX_GIT_LABELS", "")
    with_labels = labels == "full" or labels in GO_TRUE
    with_info = host.environment.get("BUILDX_GIT_INFO", "1") not in GO_FALSE
    if facts is None:
        return {}
    attrs: dict[str, str] = {}
    for kind, value in (("revision", facts.revision), ("source", facts.remote)):
        if value and with_labels:
            attrs[f"label:org.opencontainers.image.{kind}"] = value
        if value and with_info:
            attrs[f"vcs:{kind}"] = value
    entry = _inside(facts.root, dockerfile)
    if with_labels and entry is not None:
        attrs["label:com.docker.image.source.entrypoint"] = entry
    if with_info:
        inside = {name: _inside(facts.root, host.resolve(path)) for name, path in trees.items()}
        attrs |= {f"vcs:localdir:{name}": path for name, path in inside.items() if path is not None}
    return attrs


def _inside(root: str, path: str) -> str | None:
    relative = posixpath.relpath(path, root)
    return None if relative.startswith("..") else relative


def _read(target: Target, path: str, read: Callable[..., T], text: object) -> T:
    try:
        return read(text)
    except ValueError as exc:
        raise fault(
            target, path, f"Invalid {path.partition('[')[0].partition('.')[0]}", detail=str(exc)
        ) from exc


def refuse_bytes(target: Target, *sent: Mapping[str, str]) -> None:
    """BuildKit takes text. Raises DefinitionError for attributes that are none: the environment, the command
    line and names of files may hold any bytes."""
    for attrs in sent:
        for key, value in attrs.items():
            try:
                f"{key}{value}".encode()
            except UnicodeEncodeError as exc:
                field = _WRITTEN_AS.get(key.partition(":")[0], key)
                raise fault(
                    target, f"{field}.{key.partition(':')[2]}", "Not UTF-8", detail=f"`{key}={value}`"
                ) from exc
