"""The `kubernetes` driver: BuildKits in the pods of a Deployment, or of a StatefulSet where caches are kept.

`node.endpoint` is `kubernetes:///BUILDER?deployment=…&kubeconfig=…`, or a docker context. The objects are
buildx's (driver/kubernetes, 0.36.1): each of both tools uses and removes what the other made. With
`loadbalance=sticky` a node is the one pod that the folder to build goes to; with `random` each of its pods
is a node, and work is shared among them.
"""

from __future__ import annotations

import time
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bake import platforms
from bake.builder.driver import DEFAULT_LOAD, LATER, Status
from bake.builder.kubernetes import manifest, options
from bake.buildkit import endpoint
from bake.errors import BuilderError
from bake.quantities import human_duration

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bake.builder.kubernetes.address import PodAddress
    from bake.builder.kubernetes.cluster import Cluster
    from bake.builder.kubernetes.manifest import Manifest
    from bake.builder.site import Site
    from bake.buildkit.control import Worker
    from bake.node import Node

BOOTING = "[internal] booting buildkit"
_PAUSES = (0.1, 1.0)
"""Seconds between the first two looks whether pods are ready, and between the last ones."""


def check(node: Node) -> None:
    manifest.make(node, options.parse(node))


def dial(site: Site, node: Node) -> endpoint.Daemon:
    return endpoint.Daemon(_address(site, node))


def _address(site: Site, node: Node) -> PodAddress:
    from bake.builder.kubernetes.address import Choice, PodAddress

    wanted = options.parse(node)
    made = _manifest(node)
    choice = Choice(wanted.balance, site.place, _one_pod(node)[1])
    return PodAddress(
        partial(_cluster, site, node), made.name, made.labels, choice, site.host.random, wanted.timeout
    )


def _cluster(site: Site, node: Node) -> Cluster:
    from bake.builder.kubernetes import cluster

    place = node.endpoint.partition("#")[0]
    return cluster.of(site, place, options.parse(node).namespace)


def _manifest(node: Node) -> Manifest:
    """What was made for `node`, or for the node that it is a pod of."""
    whole = replace(node, name=_one_pod(node)[0] or node.name)
    return manifest.make(whole, options.parse(node))


def _one_pod(node: Node) -> tuple[str, str]:
    """The workload and the pod that `members` wrote into the endpoint, "" for a node of its own."""
    workload, _, pod = urlsplit(node.endpoint).fragment.partition("/")
    return workload, pod


def members(site: Site, node: Node) -> Sequence[Node]:
    """A node for each pod that runs. Raises BuilderError."""
    from bake.builder.kubernetes.cluster import running

    made = _manifest(node)
    found = []
    with _cluster(site, node) as cluster:
        pods = running(cluster.pods(made.labels))
    for pod in pods:
        fixed = _platforms(pod.platforms) or node.platforms
        found.append(
            replace(node, name=pod.name, endpoint=f"{node.endpoint}#{made.name}/{pod.name}", platforms=fixed)
        )
    return found


def _platforms(text: str) -> tuple[platforms.Platform, ...]:
    try:
        return platforms.parse_list(text.split(",") if text else (), platforms.LINUX_AMD64)
    except ValueError:
        return ()


def builds_on(site: Site, node: Node) -> Sequence[Node]:
    """The nodes that builds are shared among: `node` itself if its pods are not. Raises BuilderError."""
    if options.parse(node).balance != options.RANDOM:
        return [node]
    found = list(members(site, node))
    # whoever balances nothing takes the first
    found.sort(key=lambda _: site.host.random(4))
    return found or [node]


def info(site: Site, node: Node) -> Status:
    made = _manifest(node)
    with _cluster(site, node) as cluster:
        workload = cluster.workload(made.kind, made.name)
    if workload is None:
        return Status.INACTIVE
    return Status.RUNNING if _ready(workload) > 0 else Status.STOPPED


def _ready(workload: object) -> int:
    return int(getattr(getattr(workload, "status", None), "readyReplicas", None) or 0)


def version(site: Site, node: Node) -> str:  # noqa: ARG001
    """Only BuildKits older than 0.11 (2023) do not say it themselves."""
    return ""


def start(site: Site, node: Node, say: Callable[[str], None]) -> None:
    wanted, made = options.parse(node), _manifest(node)
    with _cluster(site, node) as cluster:
        if cluster.workload(made.kind, made.name) is None:
            for config in made.configs:
                if not cluster.create(config):
                    cluster.replace(config)
            cluster.create(made.workload)
        say(f"waiting for {wanted.replicas} pods to be ready, timeout: {human_duration(wanted.timeout)}")
        _wait(cluster, made, wanted)


def _wait(cluster: Cluster, made: Manifest, wanted: options.Options) -> None:
    """Until all pods are ready. Raises BuilderError, with what keeps them."""
    pause, longest = _PAUSES
    deadline = time.monotonic() + wanted.timeout
    while (ready := _ready(cluster.workload(made.kind, made.name))) < wanted.replicas:
        if time.monotonic() > deadline:
            raise _unready(cluster, made, wanted, ready)
        time.sleep(pause)
        pause = min(pause * 1.5, longest)


def _unready(cluster: Cluster, made: Manifest, wanted: options.Options, ready: int) -> BuilderError:
    from bake.builder.kubernetes.cluster import trouble

    place = f"`{made.name}` in {cluster.namespace}"
    return BuilderError(
        f"expected {wanted.replicas} replicas to be ready, got {ready}",
        detail="; ".join([place, *trouble(cluster.pods(made.labels))]),
        hint=f"look: kubectl -n {cluster.namespace} describe pods -l app={made.name}; "
        "wait longer: --driver-opt timeout=5m",
    )


def stop(site: Site, node: Node) -> None:
    """Pods stay, as with buildx: others may build there."""


def remove(site: Site, node: Node, *, keep_state: bool, keep_daemon: bool) -> None:  # noqa: ARG001
    """A StatefulSet's volumes stay: that is Kubernetes' way, and they are the cache."""
    if keep_daemon:
        return
    made = _manifest(node)
    with _cluster(site, node) as cluster:
        cluster.delete(made.kind, made.name)
        for config in made.configs:
            cluster.delete("ConfigMap", str(config["metadata"]["name"]))


def features(node: Node, workers: Sequence[Worker]) -> frozenset[str]:  # noqa: ARG001
    return LATER | ({DEFAULT_LOAD} if options.parse(node).default_load else frozenset())
