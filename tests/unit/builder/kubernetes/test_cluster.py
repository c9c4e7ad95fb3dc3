"""The API's few calls against a stand-in of the server, and what is said when it refuses."""

from __future__ import annotations

import json
import socket
import sys
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest

from bake.builder.kubernetes import cluster as clusters
from bake.builder.kubernetes.cluster import Pod, RefusedError, running, trouble
from bake.builder.kubernetes.manifest import make
from bake.builder.kubernetes.options import parse
from bake.builder.site import Site
from bake.errors import BuilderError
from bake.host import Host
from bake.node import Node
from tests.fakes.serving import answering

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from tests.fakes.kubernetes import Cluster

    Reach: TypeAlias = Callable[..., clusters.Cluster]

ENDPOINT = "kubernetes:///kube?deployment=d&kubeconfig="


def disk(**environment: str) -> Host:
    """A host that reads this machine's files."""

    def read(path: str) -> bytes:
        with open(path, "rb") as file:
            return file.read()

    def exists(path: str) -> bool:
        try:
            read(path)
        except OSError:
            return False
        return True

    return Host(environment=environment, read=read, exists=exists, home="/nonexistent")


@pytest.fixture
def reached(server: Cluster, tmp_path: Path) -> Iterator[Reach]:
    """The cluster in a namespace, as a person reaches it whose kubeconfig has an entry like that."""
    with ExitStack() as stack:

        def reach(namespace: str = "", **entry: str) -> clusters.Cluster:
            path = server.kubeconfig(tmp_path / "kubeconfig", **entry)
            return stack.enter_context(clusters.of(Site(disk()), f"{ENDPOINT}{path}", namespace))

        yield reach


def workload(**options: str) -> dict[str, Any]:
    node = Node("n", "", driver_opts=options)
    return make(node, parse(node)).workload


def test_things_are_made_found_and_removed(server: Cluster, reached: Reach) -> None:
    api = reached()
    assert api.workload("Deployment", "n") is None
    assert api.create(workload(replicas="2"))
    assert not api.create(workload())
    assert api.workload("Deployment", "n").status.readyReplicas == 2
    assert [pod.name for pod in running(api.pods({"app": "n"}))] == server.names()
    assert api.pods({"app": "other"}) == []
    api.delete("Deployment", "n")
    api.delete("Deployment", "n")
    assert api.workload("Deployment", "n") is None


def test_files_are_replaced(server: Cluster, reached: Reach) -> None:
    api = reached("builds")
    for text in (b"one", b"two"):
        node = Node("n", "", files={"a.toml": text})
        (config,) = make(node, parse(node)).configs
        api.create(config) or api.replace(config)  # type: ignore[func-returns-value]
    found = server.get("configmaps", "n-config", "builds")
    assert found
    assert found["data"] == {"a.toml": "two"}


@pytest.mark.parametrize(
    ("method", "what", "do"),
    [
        ("GET", "read deployments", lambda api: api.workload("Deployment", "n")),
        ("POST", "create deployments", lambda api: api.create(workload())),
        ("DELETE", "delete deployments", lambda api: api.delete("Deployment", "n")),
    ],
)
def test_what_is_forbidden(server: Cluster, reached: Reach, method: str, what: str, do: Any) -> None:
    server.forbidden.add((method, "deployments"))
    with pytest.raises(RefusedError, match=f"^The cluster forbids us to {what}; ") as raised:
        do(reached())
    assert 'in the namespace "default"' in raised.value.detail
    assert "kubectl auth can-i" in str(raised.value.hint)


def test_strangers(server: Cluster, tmp_path: Path) -> None:
    server.token = "right"
    path = server.kubeconfig(tmp_path / "kubeconfig")
    path.write_text(path.read_text().replace("right", "wr0ng"))
    api = clusters.of(Site(disk()), f"{ENDPOINT}{path}")
    with pytest.raises(RefusedError, match="does not know who we are") as raised, api:
        api.pods({"app": "n"})
    assert "context `tests`" in str(raised.value.hint)
    assert "wr0ng" not in f"{raised.value}{raised.value.hint}"


def test_a_namespace_that_is_not_there(reached: Reach) -> None:
    with pytest.raises(RefusedError, match="could not create deployments") as raised:
        reached("nowhere").create(workload())
    assert 'namespaces "nowhere" not found' in raised.value.detail
    assert "kubectl create namespace nowhere" in str(raised.value.hint)


def test_what_the_api_finds_invalid(reached: Reach) -> None:
    thing = workload()
    thing["metadata"]["name"] = "Loud"
    with pytest.raises(RefusedError, match="could not create deployments: something is invalid") as raised:
        reached().create(thing)
    assert "metadata.name" in raised.value.detail
    assert "--driver-opt" in str(raised.value.hint)


def test_nobody_there(reached: Reach) -> None:
    with socket.socket() as taken:  # and not listening: nobody else will
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        api = reached(server=f"http://127.0.0.1:{port}")
        with pytest.raises(BuilderError, match="The cluster does not answer") as raised:
            api.pods({})
    assert f"`http://127.0.0.1:{port}`" in raised.value.detail
    assert "kubectl cluster-info" in str(raised.value.hint)


@contextmanager
def other(status: int, body: bytes, kind: str) -> Iterator[str]:
    """A server of something else."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    with answering(HTTPServer(("127.0.0.1", 0), Handler)) as server:
        yield f"http://127.0.0.1:{server.server_port}"


@pytest.mark.parametrize(
    ("status", "body", "kind", "told"),
    [
        (404, b"<html>", "text/html", "it answered 404"),
        (200, b"<html>", "text/html", "cannot be read"),
        (302, b"", "text/plain", "it answered 302"),
        (500, b"oops", "application/json", "cannot be read"),
    ],
)
def test_servers_of_something_else(reached: Reach, status: int, body: bytes, kind: str, told: str) -> None:
    with other(status, body, kind) as address:
        api = reached(server=address)
        with pytest.raises(BuilderError, match="That is no Kubernetes API") as raised:
            api.workload("Deployment", "n")
    assert told in raised.value.detail


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"server": ""}, "is no server"),
        ({"server": "api.example:6443"}, "is no server"),
        ({"server": "https://api.example:many"}, "is no server"),
        ({"server": "https://[api"}, "is no server"),
        ({"tls-server-name": "api"}, "tls-server-name"),
    ],
)
def test_entries_that_cannot_be_used(reached: Reach, more: Mapping[str, str], told: str) -> None:
    with pytest.raises(BuilderError, match="The kubeconfig cannot be used") as raised:
        reached(**more)
    assert told in raised.value.detail


@pytest.mark.parametrize(
    "more",
    [
        {"certificate-authority": "gone.pem"},
        {"certificate-authority-data": "bm8gUEVN"},
        {"certificate-authority-data": "*"},
    ],
)
def test_certificates_that_cannot_be_used(reached: Reach, more: Mapping[str, str]) -> None:
    with pytest.raises(BuilderError, match="The kubeconfig cannot be used") as raised:
        reached(server="https://127.0.0.1:9", **more)
    assert "context `tests`" in raised.value.detail


@pytest.mark.parametrize(
    ("environment", "proxy"),
    [
        ({}, ""),
        ({"HTTPS_PROXY": "http://p:1"}, "http://p:1"),
        ({"HTTPS_PROXY": "p:1"}, "http://p:1"),
        ({"https_proxy": "http://p:1", "NO_PROXY": "other.example"}, "http://p:1"),
        ({"https_proxy": "http://p:1", "NO_PROXY": "x, .cluster.example"}, ""),
        ({"https_proxy": "http://p:1", "NO_PROXY": "api.cluster.example"}, ""),
        ({"https_proxy": "http://p:1", "no_proxy": "*"}, ""),
        ({"http_proxy": "http://p:1"}, ""),
    ],
)
def test_proxies(server: Cluster, tmp_path: Path, environment: Mapping[str, str], proxy: str) -> None:
    path = server.kubeconfig(tmp_path / "kubeconfig", server="https://api.cluster.example")
    assert clusters.of(Site(disk(**environment)), f"{ENDPOINT}{path}").proxy == proxy


@pytest.mark.parametrize("proxy", ["socks5://p:1", "https://p:1", "http://", "p:many"])
def test_proxies_that_cannot_be_used(reached: Reach, proxy: str) -> None:
    with pytest.raises(BuilderError, match="proxy cannot be used") as raised:
        reached(**{"proxy-url": proxy})
    assert "NO_PROXY" in str(raised.value.hint)


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "lightkube", None)
    with pytest.raises(BuilderError, match="packages that are not installed") as raised:
        clusters.require()
    assert raised.value.hint == "pip install 'pybake[kubernetes]'"


def pod(name: str, phase: str = "Running", *, ready: bool = True, going: bool = False) -> Any:
    condition = SimpleNamespace(type="Ready", status="True" if ready else "False")
    return SimpleNamespace(
        metadata=SimpleNamespace(name=name, annotations=None, deletionTimestamp="soon" if going else None),
        spec=SimpleNamespace(containers=[SimpleNamespace(name="buildkitd")]),
        status=SimpleNamespace(phase=phase, conditions=[condition]),
    )


def test_pods_that_run() -> None:
    assert running([pod("a", "Pending"), pod("b", going=True), pod("c", "Failed")]) == []
    assert running([pod("a", ready=False)]) == [Pod("a", "buildkitd", ready=False)]
    assert [one.name for one in running([pod("a", ready=False), pod("b"), pod("c")])] == ["b", "c"]


def waiting(reason: str, message: str = "") -> Any:
    state = SimpleNamespace(waiting=SimpleNamespace(reason=reason, message=message), terminated=None)
    return SimpleNamespace(name="buildkitd", state=state)


def test_what_keeps_pods() -> None:
    pulling = SimpleNamespace(
        initContainerStatuses=None, containerStatuses=[waiting("ErrImagePull", "no such image")]
    )
    ended = SimpleNamespace(waiting=None, terminated=SimpleNamespace(exitCode=2))
    broken = SimpleNamespace(
        initContainerStatuses=[SimpleNamespace(name="qemu", state=ended)], containerStatuses=None
    )
    scheduled = SimpleNamespace(
        type="PodScheduled", status="False", reason="Unschedulable", message="0/3 nodes are available"
    )
    placeless = SimpleNamespace(
        initContainerStatuses=None, containerStatuses=None, conditions=[scheduled], phase="Pending"
    )
    fine = SimpleNamespace(
        initContainerStatuses=None, containerStatuses=None, conditions=None, phase="Running"
    )
    pods = [
        SimpleNamespace(metadata=SimpleNamespace(name=name), status=status)
        for name, status in zip("abcde", (pulling, broken, placeless, fine, None), strict=True)
    ]
    assert trouble(pods) == [
        "a: ErrImagePull: no such image",
        "b: qemu ended with exit code 2",
        "c: Unschedulable: 0/3 nodes are available",
    ]


def test_the_stand_in_answers_as_the_api_does(server: Cluster) -> None:
    host, port = server.endpoint.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as plain:
        plain.sendall(
            b"GET /api/v1/namespaces/default/pods/x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
        )
        reply = b"".join(iter(lambda: plain.recv(4096), b""))
    status = json.loads(reply.partition(b"\r\n\r\n")[2])
    assert (status["kind"], status["code"], status["reason"]) == ("Status", 404, "NotFound")
