"""A builder and its nodes, as planning sees them: facts, no connections."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from bake.record import record

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bake.errors import BakeError
    from bake.platforms import Platform
    from bake.worker import Worker


@record
class Node:
    """One BuildKit instance as it is configured.

    `endpoint` is a docker context, or an address (`unix://`, `tcp://`, `ssh://`,
    `docker-container://`). `platforms` are those a person fixed for it, empty if none.
    """

    name: str
    endpoint: str
    platforms: tuple[Platform, ...] = ()
    driver_opts: Mapping[str, str] = field(default_factory=dict)
    buildkitd_flags: tuple[str, ...] = ()
    files: Mapping[str, bytes] = field(default_factory=dict)


@record
class Builder:
    """A named set of nodes behind one driver (`docker`, `docker-container`, `remote`, …)."""

    name: str
    driver: str
    nodes: tuple[Node, ...]
    dynamic: bool = False


@record
class NodeFacts:
    """What a node that was asked can do.

    `platforms` come native first, as its worker lists them, behind those fixed by a person, which stand
    in `fixed` once more.
    `driver` decides defaults: `docker` means an Engine. `image_store` is "containerd" or
    "graphdriver" on an Engine, "" elsewhere. `features` are the driver's, by buildx's names
    (`OCI exporter`, `Docker exporter`, `Cache export`, `Multi-platform build`, `Direct push`,
    `Default load`). `llb_caps` are the capabilities its LLB solver announces.
    """

    name: str
    driver: str
    platforms: tuple[Platform, ...] = ()
    image_store: str = ""
    features: frozenset[str] = frozenset()
    llb_caps: frozenset[str] = frozenset()
    labels: Mapping[str, str] = field(default_factory=dict)
    version: str = ""
    fixed: tuple[Platform, ...] = ()


@record
class NodeState:
    """What became of asking one node.

    `status` is buildx's word (`running`, `stopped`, `inactive`, …), "" where that could not be learnt;
    `error` says why not, or why a node that ought to answer does not.
    """

    node: Node
    status: str = ""
    workers: tuple[Worker, ...] = ()
    version: str = ""
    features: frozenset[str] = frozenset()
    proxies: Mapping[str, str] = field(default_factory=dict)
    error: BakeError | None = None


@record
class BuilderState:
    """What became of asking a builder. `last_activity` is RFC 3339, "" for never; with `error` none of
    its nodes was asked. `context` says that it is a docker context and stands in no store."""

    builder: Builder
    last_activity: str = ""
    nodes: tuple[NodeState, ...] = ()
    error: BakeError | None = None
    current: bool = False
    context: bool = False


@record
class Gap:
    """A platform whose steps cannot run on the node named: why not, and the command that changes that."""

    node: str
    platform: Platform
    reason: str
    mend: str
