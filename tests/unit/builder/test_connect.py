from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bake.builder import docker, driver, remote
from bake.builder.connect import connect, facts
from bake.builder.site import Site
from bake.buildkit.control import Version, Worker
from bake.errors import BakeError, BuilderError, flatten
from bake.host import Host
from bake.node import Builder, Node
from bake.platforms import parse

if TYPE_CHECKING:
    from pathlib import Path

ENGINE = Worker(
    "w",
    {docker.SNAPSHOTTER_LABEL: "overlayfs", "k": "v"},
    (parse("linux/amd64"), parse("linux/amd64"), parse("linux/arm64")),
    version=Version(version="v0.32"),
)
OLD = Worker("w", {}, (parse("linux/amd64"),))


def test_an_engine_with_containerds_store() -> None:
    found = facts("docker", driver.find("docker"), Node("n", "default"), [ENGINE])
    assert found.image_store == "containerd"
    assert found.features == driver.FEATURES
    assert [str(one) for one in found.platforms] == ["linux/amd64", "linux/arm64"]
    assert found.labels["k"] == "v"
    assert found.version == "v0.32"


def test_an_engine_with_a_graph_driver() -> None:
    found = facts("docker", driver.find("docker"), Node("n", "default"), [OLD])
    assert found.image_store == "graphdriver"
    assert found.features == {"Default load"}


def test_fixed_platforms_come_first() -> None:
    node = Node("n", "tcp://h:1", (parse("linux/riscv64"),))
    found = facts("remote", driver.find("remote"), node, [OLD])
    assert [str(one) for one in found.platforms] == ["linux/riscv64", "linux/amd64"]
    assert found.fixed == node.platforms
    assert found.image_store == ""
    assert "Direct push" in found.features
    assert "Default load" not in found.features


def test_loading_by_default_is_an_option() -> None:
    node = Node("n", "tcp://h:1", driver_opts={"default-load": "true"})
    assert "Default load" in remote.features(node, [OLD])


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"x": "1"}, "invalid driver option x for remote driver"),
        ({"cacert": "rel"}, "non-absolute path 'rel' provided for cacert"),
        ({"servername": "s"}, "tls enabled, but missing keys cacert"),
        ({"cacert": "/c", "key": "/k"}, "missing keys cert"),
    ],
)
def test_options_of_the_remote_driver(options: dict[str, str], complaint: str) -> None:
    with pytest.raises(BuilderError, match=complaint):
        remote.check(Node("n", "tcp://h:1", driver_opts=options))


def test_a_secured_remote_speaks_http2() -> None:
    node = Node("n", "tcp://h:1", driver_opts={"cacert": "/ca", "servername": "s"})
    address = remote.dial(Site(Host()), node).address
    assert getattr(address, "alpn", ()) == ("h2",)
    assert getattr(address, "tls", None) is not None


@pytest.mark.parametrize(
    ("address", "options", "authority"),
    [
        ("tcp://h:1", {}, "h:1"),
        ("tcp://h:1", {"cacert": "/ca", "servername": "s"}, "s"),
        ("unix:///a.sock", {}, "localhost"),
        ("ssh://me@h:22/a.sock", {}, "h:22"),
    ],
)
def test_proxies_are_told_who_is_meant(address: str, options: dict[str, str], authority: str) -> None:
    assert remote.dial(Site(Host()), Node("n", address, driver_opts=options)).authority == authority


def test_a_pod_is_reached_through_kubectl() -> None:
    node = Node("n", "kube-pod://p.0?context=c&namespace=n&container=b")
    address = remote.dial(Site(Host()), node).address
    assert isinstance(address, remote.PodAddress)
    assert address.arguments() == [
        *("kubectl", "--context=c", "--namespace=n", "exec", "--container=b", "-i", "p.0"),
        *("--", "buildctl", "dial-stdio"),
    ]
    with pytest.raises(BuilderError, match="`-Bad` names nothing"):
        remote.dial(Site(Host()), Node("n", "kube-pod://p?namespace=-Bad"))


def test_a_container_is_reached_through_its_engine() -> None:
    node = Node("n", "docker-container://box?context=unix:///engine.sock")
    address = remote.dial(Site(Host()), node).address
    assert address.name == "docker-container://box"
    with pytest.raises(BuilderError, match="lacks a container's name"):
        remote.dial(Site(Host()), Node("n", "docker-container://"))


def test_an_unknown_driver_names_the_known() -> None:
    with pytest.raises(BuilderError, match='failed to find driver "cloud"; there are docker'):
        driver.find("cloud")


def test_every_driver_of_the_table_is_one() -> None:
    for name in driver.DRIVERS:
        found = driver.find(name)
        for function in ("check", "dial", "info", "version", "start", "stop", "remove", "features"):
            assert callable(getattr(found, function)), (name, function)
        assert found.BOOTING.startswith("["), name


def test_nobody_answers(tmp_path: Path) -> None:
    site = Site(Host(home=str(tmp_path)))
    gone = Builder("b", "docker", (Node("n", f"unix://{tmp_path}/gone.sock"),))
    with pytest.raises(BuilderError, match=r"gone\.sock`: no such file") as caught:
        connect(site, gone)
    assert caught.value.hint
    nodes = (Node("n", f"unix://{tmp_path}/a"), Node("m", f"unix://{tmp_path}/b"))
    with pytest.raises(ExceptionGroup) as group:
        connect(site, Builder("b", "remote", nodes))
    assert len(flatten(group.value)) == 2


def test_a_builder_without_nodes() -> None:
    with pytest.raises(BakeError, match="has no nodes"):
        connect(Site(Host()), Builder("b", "docker", ()))
