"""The pods of a node as nodes: what they are called, what they can, who is first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bake.builder import driver, kubernetes
from bake.builder.driver import Status
from bake.builder.site import Site
from bake.node import Node
from tests.unit.builder.kubernetes.test_cluster import ENDPOINT, disk

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.fakes.kubernetes import Cluster


@pytest.fixture
def made(server: Cluster, tmp_path: Path) -> Callable[..., Node]:
    """Makes a node with these options, in the cluster."""

    def make(**options: str) -> Node:
        path = server.kubeconfig(tmp_path / "kubeconfig")
        node = Node("my_kube0", f"{ENDPOINT}{path}", driver_opts={"replicas": "3", **options})
        server.create("deployments", "default", kubernetes._manifest(node).workload)
        return node

    return make


def site(*numbers: int) -> Site:
    """A machine whose random numbers these are."""
    host = disk()
    drawn = iter(numbers)
    return Site(
        type(host)(
            host.environment, random=lambda _: bytes([next(drawn)]), read=host.read, exists=host.exists
        )
    )


def test_members_are_the_pods(made: Callable[..., Node], server: Cluster) -> None:
    node = made()
    found = kubernetes.members(site(), node)
    assert [one.name for one in found] == server.names()
    assert all(one.endpoint.startswith(f"{node.endpoint}#my-kube0/") for one in found)
    assert kubernetes.dial(site(), found[1]).name == f"kubernetes://{server.names()[1]}"
    assert kubernetes.dial(site(), node).name == "kubernetes://my-kube0"


def test_the_annotation_says_which_platforms_are_fixed(made: Callable[..., Node], server: Cluster) -> None:
    node = made()
    names = server.names()
    server.pods[names[0]].annotations = {"buildx.docker.com/platform": "linux/arm64,linux/386"}
    server.pods[names[1]].annotations = {"buildx.docker.com/platform": "what/is/that/?"}
    found = kubernetes.members(site(), node)
    assert [list(map(str, one.platforms)) for one in found] == [["linux/arm64", "linux/386"], [], []]


def test_builds_go_to_one_or_are_shared(made: Callable[..., Node], server: Cluster) -> None:
    sticky = made()
    assert kubernetes.builds_on(site(), sticky) == [sticky]
    random = Node(sticky.name, sticky.endpoint, driver_opts={"loadbalance": "random"})
    first, second, third = server.names()
    assert [one.name for one in kubernetes.builds_on(site(3, 1, 2), random)] == [second, third, first]
    server.pods.clear()
    assert kubernetes.builds_on(site(), random) == [random]


def test_how_it_is(made: Callable[..., Node], server: Cluster) -> None:
    node = made()
    assert kubernetes.info(site(), node) is Status.RUNNING
    for pod in server.pods.values():
        pod.going = True
    assert kubernetes.info(site(), node) is Status.STOPPED
    assert kubernetes.members(site(), node) == []
    kubernetes.remove(site(), node, keep_state=False, keep_daemon=True)
    assert kubernetes.info(site(), node) is Status.STOPPED
    kubernetes.remove(site(), node, keep_state=False, keep_daemon=False)
    assert kubernetes.info(site(), node) is Status.INACTIVE


def test_starting_says_what_it_waits_for_and_makes_nothing_twice(
    made: Callable[..., Node], server: Cluster
) -> None:
    node = made(timeout="90s")
    said: list[str] = []
    kubernetes.start(site(), node, said.append)
    assert said == ["waiting for 3 pods to be ready, timeout: About a minute"]
    assert len(server.posted) == 1


def test_it_is_a_driver_whose_nodes_are_several() -> None:
    found = {name for name in driver.DRIVERS if isinstance(driver.find(name), driver.Grouping)}
    assert found == {"kubernetes"}
