"""The `kubernetes` driver: a stand-in of the API server, with real BuildKits in its pods."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.engine.bakefile import define
from tests.fakes.kubernetes import Cluster
from tools.engine.relay import Relay

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.commands import Command
    from tools.engine.dockerd import Engine

CREATE = ("create", "--name", "kube", "--driver", "kubernetes")


@pytest.fixture(scope="module")
def first(engine: Engine) -> Iterator[Relay]:
    with Relay(engine.socket) as running:
        yield running


@pytest.fixture
def cluster(first: Relay, relay: Relay) -> Iterator[Cluster]:
    """Its pods have one of two engines each, in turn."""
    with Cluster([first.endpoint, relay.endpoint]) as running:
        yield running


@pytest.fixture
def kube(pybake: Command, cluster: Cluster, project: Path) -> Command:
    """`pybake` with that cluster's kubeconfig, in a folder with something to bake."""
    define(project, {"default": ["one"]}, one={"output": ["out"]})
    return pybake.where(KUBECONFIG=str(cluster.kubeconfig(project / "kubeconfig")))


def built(project: Path) -> bool:
    return (project / "out" / "bin" / "sh").exists()


def test_a_build_starts_it_and_says_so(kube: Command, project: Path, cluster: Cluster) -> None:
    kube(*CREATE).ok()
    assert "inactive" in kube("ls").ok().stdout
    told = kube("--builder", "kube", "--progress", "plain").ok().stderr
    assert "[internal] booting buildkit" in told
    assert "waiting for 1 pods to be ready, timeout: 2 minutes" in told
    assert 'building with "kube" instance using kubernetes driver' in told
    assert built(project)
    (pod,) = cluster.names()
    assert f"\\_ {pod}" in kube("ls").ok().stdout
    again = kube("--builder", "kube", "--progress", "plain").ok().stderr
    assert "booting" not in again
    assert kube("rm", "kube").ok().stderr == "kube removed\n"
    assert cluster.names() == []
    assert cluster.get("deployments", "kube0") is None
