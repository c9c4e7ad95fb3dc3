"""What a person sees of a cluster that cannot be used: every message with its next step."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bake.builder import kubernetes
from bake.node import Node
from tests.fakes.kubernetes import Cluster

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.commands import Command, Result

CREATE = ("create", "--name", "kube", "--driver", "kubernetes")


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    with Cluster(["tcp://127.0.0.1:9"]) as running:
        yield running


@pytest.fixture
def kube(pybake: Command, cluster: Cluster, tmp_path: Path) -> Command:
    return pybake.where(KUBECONFIG=str(cluster.kubeconfig(tmp_path / "kubeconfig")))


def assert_refused(result: Result, told: str, hint: str) -> None:
    assert result.code == 1
    assert sum(line.startswith("ERROR: ") for line in result.stderr.splitlines()) == 1
    assert told in result.stderr
    assert hint in result.stderr.splitlines()[-1]
    assert "Traceback" not in result.stderr


def test_no_cluster_is_configured(pybake: Command, home: Path) -> None:
    result = pybake(*CREATE)
    assert_refused(result, "No Kubernetes cluster is configured", "KUBECONFIG=FILE")
    assert f"{home}/.kube/config" in result.stderr
    assert "kube" not in pybake("ls").stdout


def test_a_kubeconfig_that_is_none(pybake: Command, tmp_path: Path) -> None:
    (tmp_path / "kubeconfig").write_text("- not: this\n")
    result = pybake.where(KUBECONFIG="kubeconfig")(*CREATE)
    assert_refused(result, "it is no mapping", "works with kubectl")


def test_a_cluster_that_is_away(kube: Command, cluster: Cluster) -> None:
    kube(*CREATE).ok()
    cluster.__exit__()
    listed = kube("ls").ok()
    assert "error" in listed.stdout
    assert f"The cluster does not answer; `{cluster.endpoint}`" in listed.stderr
    assert_refused(kube("du", "--builder", "kube"), "The cluster does not answer", "kubectl cluster-info")


def test_what_is_forbidden(kube: Command, cluster: Cluster) -> None:
    cluster.forbidden.add(("POST", "deployments"))
    kube(*CREATE).ok()
    result = kube("inspect", "--bootstrap", "kube")
    assert_refused(result, "The cluster forbids us to create deployments", "kubectl auth can-i")


def test_a_namespace_that_is_not_there(kube: Command) -> None:
    kube(*CREATE, "--driver-opt", "namespace=nowhere").ok()
    result = kube("inspect", "--bootstrap", "kube")
    assert_refused(result, 'namespaces "nowhere" not found', "kubectl create namespace nowhere")


def test_an_image_that_never_comes(kube: Command) -> None:
    kube(*CREATE, "--driver-opt", "image=missing.example/buildkit,replicas=2,timeout=300ms").ok()
    result = kube("inspect", "--bootstrap", "kube")
    assert "waiting for 2 pods to be ready, timeout: Less than a second" in result.stderr
    assert_refused(result, "expected 2 replicas to be ready, got 0", "--driver-opt timeout=5m")
    assert "ImagePullBackOff: Back-off pulling image" in result.stderr
    assert "stopped" in kube("ls").ok().stdout


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ("replicas=none", "invalid value for replicas"),
        ("cpus=1", "invalid driver option cpus for driver kubernetes"),
        ("loadbalance=fair", "`fair` is none of sticky, random"),
    ],
)
def test_options_that_cannot_be_used(kube: Command, options: str, told: str) -> None:
    result = kube(*CREATE, "--driver-opt", options)
    assert result.code == 1
    assert "failed to initialize builder kube (kube0)" in result.stderr
    assert told in result.stderr
    assert "kube" not in kube("ls").stdout


def test_endpoints_are_made_not_given(kube: Command) -> None:
    assert "does not support endpoint args" in kube(*CREATE, "tcp://1.2.3.4").stderr


def test_nodes_are_named_as_others_are(kube: Command) -> None:
    kube(*CREATE).ok()
    kube(*CREATE, "--append").ok()
    kube(*CREATE, "--append", "--node", "mine").ok()
    shown = kube("inspect", "kube").ok().stdout.splitlines()
    names = [line.split()[-1] for line in shown if line.startswith("Name:")]
    assert names == ["kube", "kube0", "kube1", "mine"]
    endpoints = [line.split()[-1] for line in shown if line.startswith("Endpoint:")]
    assert all(one.startswith("kubernetes:///kube?deployment=") for one in endpoints)
    assert len(set(endpoints)) == 3


def test_what_it_can() -> None:
    assert "Default load" not in kubernetes.features(Node("n", ""), [])
    assert "Default load" in kubernetes.features(Node("n", "", driver_opts={"default-load": "true"}), [])
