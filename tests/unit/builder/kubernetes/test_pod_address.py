from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from bake.builder.kubernetes import cluster as clusters
from bake.builder.kubernetes.address import TRIES, Choice, PodAddress, tunnel
from bake.builder.kubernetes.cluster import Pod, RefusedError
from bake.builder.kubernetes.manifest import make
from bake.builder.kubernetes.options import parse
from bake.builder.site import Site
from bake.errors import BuilderError
from bake.node import Node
from tests.unit.builder.kubernetes.test_cluster import ENDPOINT, disk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.fakes.kubernetes import Cluster

PODS = [Pod(f"kube0-{letter}", "buildkitd", ready=True) for letter in "abcd"]


def address(server: Cluster, folder: Path, choice: Choice) -> PodAddress:
    """Of the pods of the workload `n`, which are looked for once."""
    path = server.kubeconfig(folder / "kubeconfig")
    site = Site(disk())
    return PodAddress(
        lambda: clusters.of(site, f"{ENDPOINT}{path}"),
        "n",
        {"app": "n"},
        choice,
        lambda count: b"\0" * count,
        0.0,
    )


def start(server: Cluster, replicas: int) -> None:
    node = Node("n", "", driver_opts={"replicas": str(replicas)})
    server.create("deployments", "default", make(node, parse(node)).workload)


def test_sticky_is_the_same_pod_for_as_long_as_it_is_there() -> None:
    choice = Choice("sticky", "/home/me/project")
    found = choice.of(PODS, bytes)
    assert {choice.of(PODS[at:] + PODS[:at], bytes) for at in range(4)} == {found}
    others = {Choice("sticky", f"/home/{number}").of(PODS, bytes).name for number in range(100)}
    assert others == {pod.name for pod in PODS}


def test_random_is_any_pod() -> None:
    numbers = iter(range(8))

    def count(_: int) -> bytes:
        return bytes((0, 0, 0, next(numbers)))

    assert [Choice("random").of(PODS, count) for _ in range(8)] == PODS + PODS


def test_a_pod_of_ones_own_comes_first_while_it_is_there() -> None:
    assert Choice("random", pod="kube0-c").of(PODS, bytes) == PODS[2]
    assert Choice("sticky", "k", pod="gone").of(PODS, bytes) == Choice("sticky", "k").of(PODS, bytes)


def test_no_pod_runs(server: Cluster, tmp_path: Path) -> None:
    with pytest.raises(BuilderError, match="no running buildkit pods found") as raised:
        address(server, tmp_path, Choice("sticky")).dial()
    assert raised.value.detail == "`n` in default"
    assert "inspect --bootstrap" in str(raised.value.hint)


def test_what_trying_again_does_not_change(server: Cluster, tmp_path: Path) -> None:
    start(server, 1)
    server.forbidden.add(("GET", "exec"))
    with pytest.raises(RefusedError, match=f"forbids us to run a command in {server.names()[0]}") as raised:
        address(server, tmp_path, Choice("sticky")).dial()
    assert raised.value.status == 403


def test_names_of_pods_and_of_all() -> None:
    whole = PodAddress(lambda: None, "kube0", {}, Choice("sticky"), bytes, 0.0)  # type: ignore[arg-type,return-value]
    assert whole.name == "kubernetes://kube0"
    assert whole.hint == "look at its pods: kubectl get pods -l app=kube0"
    one = PodAddress(lambda: None, "kube0", {}, Choice("random", pod="kube0-a"), bytes, 0.0)  # type: ignore[arg-type,return-value]
    assert one.name == "kubernetes://kube0-a"
    assert TRIES > 1


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    near, far = socket.socketpair()
    with near, far:
        yield near, far


def test_through_a_proxy(pair: tuple[socket.socket, socket.socket]) -> None:
    near, far = pair
    far.sendall(b"HTTP/1.0 200 Connection established\r\nVia: p\r\n\r\nbehind")
    tunnel(near, "api.example:6443", "Basic x")
    asked = (
        b"CONNECT api.example:6443 HTTP/1.1\r\nHost: api.example:6443\r\nProxy-Authorization: Basic x\r\n\r\n"
    )
    assert far.recv(200) == asked
    assert near.recv(100) == b"behind"


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (b"HTTP/1.1 407 Who are you\r\n\r\n", "the proxy refused: HTTP/1.1 407"),
        (b"hello", "answered no HTTP"),
    ],
)
def test_proxies_that_refuse(pair: tuple[socket.socket, socket.socket], answer: bytes, told: str) -> None:
    near, far = pair
    far.sendall(answer)
    far.shutdown(socket.SHUT_WR)
    with pytest.raises(ConnectionError, match=told):
        tunnel(near, "api.example:6443")
