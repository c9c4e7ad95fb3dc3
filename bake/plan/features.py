"""What a node can do, asked in the words of the definition, and switches in the environment.

Features go by buildx's names, capabilities by BuildKit's ids. A node that announced no capabilities
was not asked; it counts as able, for then BuildKit itself will say what it cannot do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bake.errors import DefinitionError, UsageError
from bake.goscalars import parse_bool
from bake.plan.faults import fault

if TYPE_CHECKING:
    from bake.host import Host
    from bake.model.target import Target
    from bake.node import NodeFacts

OCI_EXPORTER = "OCI exporter"
DOCKER_EXPORTER = "Docker exporter"
CACHE_EXPORT = "Cache export"
MULTI_PLATFORM = "Multi-platform build"
DIRECT_PUSH = "Direct push"
DEFAULT_LOAD = "Default load"

MULTIPLE_EXPORTERS_CAP = "exporter.multiple"
ATTESTATIONS_CAP = "exporter.image.attestations"


def has_cap(node: NodeFacts, cap: str) -> bool:
    return not node.llb_caps or cap in node.llb_caps


def supports_attestations(node: NodeFacts) -> bool:
    return MULTI_PLATFORM in node.features and has_cap(node, ATTESTATIONS_CAP)


def unsupported(target: Target, path: str, feature: str, node: NodeFacts) -> DefinitionError:
    """The error for a wish that the node's driver cannot fulfil."""
    return fault(
        target,
        path,
        f"{feature} is not supported for the {node.driver} driver",
        detail=f"node `{node.name}`",
        hint="turn on the engine's containerd image store, or use another driver: "
        "pybake create --driver docker-container --use",
    )


def is_set(host: Host, variable: str) -> bool:
    """Whether the environment variable is true; unset is false. Raises UsageError where it is no boolean."""
    value = host.environment.get(variable)
    if value is None:
        return False
    try:
        return parse_bool(value)
    except ValueError as exc:
        raise UsageError(f"Invalid {variable}", detail=f"`{value}` is neither true nor false") from exc
