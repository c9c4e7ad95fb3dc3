"""The options of the `kubernetes` driver: `--driver-opt` to what the cluster is asked for.

Takes a node's options, gives `Options`; names and rules are those of driver/kubernetes/factory.go (0.36.1).
What buildx would only learn from the cluster, or never, is an error here: a quantity that is none, no replica
at all, half a toleration.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import field
from typing import TYPE_CHECKING

from bake.builder.driver import IMAGE
from bake.builder.options import ENVIRONMENT, Option, flag, settings
from bake.quantities import parse_seconds
from bake.record import record

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bake.node import Node

ROOTLESS_IMAGE = f"{IMAGE}-rootless"
QEMU_IMAGE = "tonistiigi/binfmt:latest"
STICKY, RANDOM = "sticky", "random"
PLATFORM = "buildx.docker.com/platform"
"""The annotation that says which platforms a person fixed; no other value may stand there."""
APP = "app"
"""The label by which the builder's pods are found."""
TIMEOUT = 120.0
"""Seconds that pods have to get ready."""
_REPLICAS = 2**31 - 1
_QUANTITY = re.compile(r"[+-]?(\d+(?:\.\d*)?|\.\d+)([eE][+-]?\d+|[KMGTPE]i|[numkMGTPE])?", re.ASCII)
_INTEGER = re.compile(r"[+-]?\d+", re.ASCII)
_OPERATORS = ("Equal", "Exists", "Gt", "Lt")
_EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")


@record
class Options:
    """`namespace` "" is the context's own. `requests` and `limits` go by Kubernetes' names, `storage` is that
    of each pod's volume, "" for none. `timeout` is in seconds."""

    image: str = ""
    namespace: str = ""
    replicas: int = 1
    requests: Mapping[str, str] = field(default_factory=dict)
    limits: Mapping[str, str] = field(default_factory=dict)
    storage: str = ""
    rootless: bool = False
    scheduler: str = ""
    service_account: str = ""
    node_selector: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    tolerations: tuple[Mapping[str, object], ...] = ()
    balance: str = STICKY
    qemu: bool = False
    qemu_image: str = QEMU_IMAGE
    memory: str = ""
    default_load: bool = False
    timeout: float = TIMEOUT
    environment: Mapping[str, str] = field(default_factory=dict)


def parse(node: Node) -> Options:
    """Raises BuilderError for an option that is unknown or cannot be read."""
    found = settings(node, _TABLE, "driver kubernetes")
    image = found.pop("image", ROOTLESS_IMAGE if found.get("rootless") else IMAGE)
    return Options(image=image, **found)


def _replicas(value: str) -> int:
    if not _INTEGER.fullmatch(value) or not 1 <= int(value) <= _REPLICAS:
        raise ValueError("expected a number of pods, 1 at least")
    return int(value)


def _quantity(value: str) -> str | None:
    """Kubernetes' numbers with units (apimachinery, resource.Quantity)."""
    if value and not _QUANTITY.fullmatch(value):
        raise ValueError("expected a quantity like 500m, 2, 512Mi or 10Gi")
    return value or None


def _pairs(value: str) -> dict[str, str]:
    found = {}
    for pair in value.strip('"').split(","):
        words = pair.split("=")
        if len(words) != 2:
            raise ValueError(f"invalid key-value pair: {pair}; expected key=value[,…]")
        found[words[0]] = words[1]
    return found


def _unreserved(reserved: str, kind: str) -> Callable[[str], dict[str, str]]:
    def read(value: str) -> dict[str, str]:
        found = _pairs(value)
        if reserved in found:
            raise ValueError(f'the {kind} "{reserved}" is reserved and cannot be customized')
        return found

    return read


def _tolerations(value: str) -> tuple[dict[str, object], ...]:
    """`key=K,operator=O,value=V,effect=E,tolerationSeconds=N`, several with `;` between."""
    return tuple(_toleration(one) for one in value.strip('"').split(";") if one)


def _toleration(text: str) -> dict[str, object]:
    found: dict[str, object] = {}
    for pair in text.split(","):
        name, equals, value = pair.partition("=")
        read = _TOLERATION.get(name)
        if read is None or not equals:
            raise ValueError(f"`{pair}` is none of {', '.join(f'{one}=…' for one in _TOLERATION)}")
        found[name] = read(value)
    return found


def _one_of(allowed: tuple[str, ...]) -> Callable[[str], str]:
    def read(value: str) -> str:
        if value not in allowed:
            raise ValueError(f"`{value}` is none of {', '.join(allowed)}")
        return value

    return read


def _integer(value: str) -> int:
    if not _INTEGER.fullmatch(value):
        raise ValueError(f"`{value}` is no number")
    return int(value)


def _duration(value: str) -> float:
    """Seconds, above zero."""
    with suppress(ValueError):
        if (seconds := parse_seconds(value)) > 0:
            return seconds
    raise ValueError("expected a duration like 90s or 5m")


_TOLERATION: Mapping[str, Callable[[str], object]] = {
    "key": str,
    "operator": _one_of(_OPERATORS),
    "value": str,
    "effect": _one_of(_EFFECTS),
    "tolerationSeconds": _integer,
}

_TABLE = {
    "annotations": Option("annotations", _unreserved(PLATFORM, "annotation")),
    "buildkit-root-volume-memory": Option("memory", _quantity),
    "default-load": Option("default_load", flag),
    "image": Option("image"),
    "labels": Option("labels", _unreserved(APP, "label")),
    "limits.cpu": Option("limits.cpu", _quantity),
    "limits.ephemeral-storage": Option("limits.ephemeral-storage", _quantity),
    "limits.memory": Option("limits.memory", _quantity),
    "loadbalance": Option("balance", _one_of((STICKY, RANDOM))),
    "namespace": Option("namespace"),
    "nodeselector": Option("node_selector", _pairs),
    "persistent-volume-claim.requests.storage": Option("storage", _quantity),
    "qemu.image": Option("qemu_image"),
    "qemu.install": Option("qemu", flag),
    "replicas": Option("replicas", _replicas),
    "requests.cpu": Option("requests.cpu", _quantity),
    # buildx 0.36.1 makes a limit of it; its documentation and everybody's expectation say otherwise
    "requests.ephemeral-storage": Option("requests.ephemeral-storage", _quantity),
    "requests.memory": Option("requests.memory", _quantity),
    "rootless": Option("rootless", flag),
    "schedulername": Option("scheduler"),
    "serviceaccount": Option("service_account"),
    "timeout": Option("timeout", _duration),
    "tolerations": Option("tolerations", _tolerations),
    **ENVIRONMENT,
}
