"""The `kubernetes` driver: a stand-in of the API server, with real BuildKits in its pods."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from bake.buildkit.client import Client
from bake.buildkit.endpoint import Daemon, parse
from tests.engine.bakefile import define, word
from tests.engine.certificates import Authority
from tests.engine.gates import ALLOWED, NETWORK, closed
from tests.engine.processes import started
from tests.engine.secured import Secured
from tests.fakes.kubernetes import Cluster
from tools.engine.relay import Relay

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.commands import Command
    from tools.engine.dockerd import Engine

CREATE = ("create", "--name", "kube", "--driver", "kubernetes")
TARGETS = 6


@pytest.fixture(scope="module")
def near(engine: Engine) -> Iterator[Relay]:
    with Relay(engine.socket) as running:
        yield running


@pytest.fixture
def cluster(near: Relay, relay: Relay) -> Iterator[Cluster]:
    """Its pods have one of two engines each, in turn."""
    with Cluster([near.endpoint, relay.endpoint]) as running:
        yield running


@pytest.fixture
def kube(pybake: Command, cluster: Cluster, project: Path) -> Command:
    """`pybake` with that cluster's kubeconfig, in a folder with something to bake."""
    define(project, {"default": ["one"]}, one={"output": ["out"]})
    return pybake.where(KUBECONFIG=str(cluster.kubeconfig(project / "kubeconfig")))


def built(project: Path) -> bool:
    return (project / "out" / "bin" / "sh").exists()


def steps(label: str, count: int, then: str = "true") -> dict[str, dict[str, Any]]:
    """Targets whose steps name `label` and their number, then run a command."""
    fields = {
        "dockerfile": f"FROM scratch\nCOPY rootfs/amd64/ /\nARG NAME\nRUN echo $NAME-{label} && {then}\n",
        "output": ["type=cacheonly"],
        **NETWORK,
    }
    return {f"t{at}": {**fields, "args": {"NAME": f"n{at}"}} for at in range(count)}


def steps_run(relay: Relay, label: str) -> int:
    """How many of `steps` the BuildKit behind the relay has run."""
    with Client(Daemon(parse(relay.endpoint))) as client:
        return sum(label in record.description for record in client.disk_usage())


def test_a_build_starts_it_and_says_so(kube: Command, project: Path, cluster: Cluster) -> None:
    assert kube(*CREATE).ok().stdout == "kube\n"
    assert "inactive" in kube("ls").ok().stdout
    told = kube("--builder", "kube", "--progress", "plain").ok().stderr
    assert "[internal] booting buildkit" in told
    assert "waiting for 1 pods to be ready, timeout: 2 minutes" in told
    assert 'building with "kube" instance using kubernetes driver' in told
    assert built(project)
    assert {protocol for _, protocol in cluster.execs} == {"v5.channel.k8s.io"}
    (pod,) = cluster.names()
    listed = kube("ls").ok().stdout
    assert f"\\_ {pod}" in listed
    assert "running" in listed
    again = kube("--builder", "kube", "--progress", "plain").ok().stderr
    assert "booting" not in again
    kube("stop", "kube").ok()
    assert cluster.names() == [pod]
    assert kube("rm", "kube").ok().stderr == "kube removed\n"
    assert cluster.names() == []
    assert cluster.get("deployments", "kube0") is None


def test_what_is_known_of_a_cluster(kube: Command, cluster: Cluster, project: Path) -> None:
    config = project / "buildkitd.toml"
    config.write_text("debug = true\n")
    kube(
        *(*CREATE, "--platform", "linux/amd64", "--buildkitd-config", config, "--bootstrap"),
        *("--driver-opt", "replicas=2,namespace=builds,persistent-volume-claim.requests.storage=10Gi"),
    ).ok()

    assert cluster.names() == ["kube0-0", "kube0-1"]
    (state,) = (json.loads(line) for line in kube("ls", "--format", "json").ok().stdout.splitlines()[:1])
    assert (state["Name"], state["Dynamic"]) == ("kube", True)
    assert [(one["Name"], one["Status"]) for one in state["Nodes"]] == [
        ("kube0-0", "running"),
        ("kube0-1", "running"),
    ]
    shown = kube("inspect", "kube").ok().stdout
    assert shown.count("Status:") == 2
    assert "linux/amd64*" in shown
    cluster.execs.clear()
    kube("du", "--builder", "kube").ok()
    asked = [pod for pod, _ in cluster.execs]
    assert asked.count("kube0-0") == asked.count("kube0-1") > 1
    made = cluster.get("statefulsets", "kube0", "builds")
    assert made
    assert made["spec"]["volumeClaimTemplates"][0]["spec"]["resources"]["requests"] == {"storage": "10Gi"}
    files = cluster.get("configmaps", "kube0-config", "builds")
    assert files
    assert files["data"] == {"buildkitd.toml": "debug = true\n"}
    kube("rm", "kube").ok()
    assert cluster.objects == {}


def test_sticky_builds_meet_their_cache_again(kube: Command, cluster: Cluster) -> None:
    kube(*CREATE, "--driver-opt", "replicas=2", "--bootstrap").ok()
    cluster.execs.clear()
    for _ in range(3):
        kube("--builder", "kube").ok()
    assert len(cluster.execs) == 3
    assert len({pod for pod, _ in cluster.execs}) == 1


def test_random_builds_are_shared_among_all_pods(
    kube: Command, project: Path, cluster: Cluster, near: Relay, relay: Relay
) -> None:
    label = word()
    targets = steps(label, TARGETS)
    define(project, {"default": list(targets)}, **targets)
    kube(*CREATE, "--driver-opt", "replicas=2,loadbalance=random", "--bootstrap").ok()
    kube("--builder", "kube", ALLOWED).ok()
    assert {pod for pod, _ in cluster.execs} == set(cluster.names())
    assert steps_run(near, label) == steps_run(relay, label) == TARGETS // 2


@pytest.mark.parametrize("balance", ["sticky", "random"])
def test_a_pod_that_goes_is_replaced_by_another(
    kube: Command, project: Path, cluster: Cluster, near: Relay, relay: Relay, balance: str
) -> None:
    label = word()
    kube(*CREATE, "--driver-opt", f"replicas=2,loadbalance={balance}", "--bootstrap").ok()
    cluster.execs.clear()
    cluster.replaces_pods = False
    with closed() as gate:
        targets = steps(label, 2, gate.waiting)
        define(project, {"default": list(targets)}, **targets)
        with started(kube, "--builder", "kube", "--progress", "plain", ALLOWED) as running:
            running.wait_for(lambda line: f"n0-{label}" in line)
            (gone, _), *_ = cluster.execs
            cluster.kill(gone)
            gate.open()
            assert running.end() == 0
    (left,) = cluster.names()
    assert cluster.execs[-1][0] == left
    assert "is tried again" in "".join(running.said)
    assert steps_run(near, label) + steps_run(relay, label) >= 2


def test_the_only_pod_comes_back(kube: Command, project: Path, cluster: Cluster) -> None:
    label = word()
    kube(*CREATE, "--bootstrap").ok()
    cluster.ready_after = 1.0
    (old,) = cluster.names()
    with closed() as gate:
        define(project, {"default": ["t0"]}, **steps(label, 1, gate.waiting))
        with started(kube, "--builder", "kube", "--progress", "plain", ALLOWED) as running:
            running.wait_for(lambda line: f"n0-{label}" in line)
            cluster.kill(old)
            gate.open()
            assert running.end() == 0
    assert cluster.execs[-1][0] != old


def test_what_passes_is_tried_again(kube: Command, project: Path, cluster: Cluster) -> None:
    kube(*CREATE, "--bootstrap").ok()
    cluster.exec_refusals = [(500, "error dialing backend: remote error: tls: internal error")] * 2
    kube("--builder", "kube").ok()
    assert built(project)
    assert cluster.exec_refusals == []


def test_an_older_server(kube: Command, project: Path, cluster: Cluster) -> None:
    cluster.subprotocols = ("v4.channel.k8s.io",)
    kube(*CREATE).ok()
    kube("build", "--builder", "kube", "--output", "out", ".").ok()
    assert built(project)
    assert {protocol for _, protocol in cluster.execs} == {"v4.channel.k8s.io"}


def test_tls_and_a_token(pybake: Command, project: Path, cluster: Cluster, tmp_path: Path) -> None:
    cluster.token = "s3cret"
    authority = Authority(tmp_path / "authority")
    define(project, {"default": ["one"]}, one={"output": ["out"]})
    with Secured(cluster.endpoint.replace("http:", "tcp:"), authority.sign("api")) as front:
        server = front.endpoint.replace("tcp:", "https:")
        path = cluster.kubeconfig(
            tmp_path / "kubeconfig", server=server, **{"certificate-authority": "authority/ca.pem"}
        )
        known = pybake.where(KUBECONFIG=str(path))
        known(*CREATE).ok()
        known("--builder", "kube").ok()
        assert built(project)
        other = Authority(tmp_path / "other")
        cluster.kubeconfig(path, server=server, **{"certificate-authority": str(other.cert)})
        refused = known("ls")
        assert "certificate verify failed" in refused.stderr
        assert "the authority that signed its certificate" in known("--builder", "kube").stderr
        cluster.token, token = "changed", cluster.token
        cluster.kubeconfig(path, server=server, **{"certificate-authority": str(authority.cert)})
        path.write_text(path.read_text().replace("changed", token))
        unknown = known("ls")
        assert "The cluster does not know who we are" in unknown.stderr
        assert token not in unknown.stderr


def test_either_tool_removes_what_the_other_made(kube: Command, reference: Command, cluster: Cluster) -> None:
    kube(*CREATE, "--node", "one_node", "--bootstrap").ok()
    assert cluster.get("deployments", "one-node")
    reference.where(KUBECONFIG=kube.environment["KUBECONFIG"])("rm", "kube").ok()
    assert cluster.objects == {}
    theirs = reference.where(KUBECONFIG=kube.environment["KUBECONFIG"])
    theirs(*CREATE, "--driver-opt", "replicas=2").ok()
    assert kube("ls").ok().stdout == theirs("ls").ok().stdout
    kube("--builder", "kube").ok()
    assert len(cluster.names()) == 2
    kube("rm", "kube").ok()
    assert cluster.objects == {}


def test_keeping_the_daemon(kube: Command, cluster: Cluster) -> None:
    kube(*CREATE, "--bootstrap").ok()
    kube("rm", "--keep-daemon", "kube").ok()
    assert cluster.get("deployments", "kube0")
    kube(*CREATE).ok()
    assert "running" in kube("ls").ok().stdout
