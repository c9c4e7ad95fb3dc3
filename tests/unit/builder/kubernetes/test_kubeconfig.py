from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import pytest

from bake.builder.kubernetes import kubeconfig
from bake.builder.site import Site
from bake.errors import BuilderError
from bake.host import Host

if TYPE_CHECKING:
    from collections.abc import Mapping

ENDPOINT = "kubernetes:///kube?deployment=d&kubeconfig="
ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"


def config(name: str = "one", *, current: str = "", **more: object) -> str:
    """A kubeconfig with a context, a cluster and a user of that name."""
    return json.dumps(
        {
            "current-context": current or name,
            "contexts": [{"name": name, "context": {"cluster": name, "user": name, **more}}],
            "clusters": [{"name": name, "cluster": {"server": f"https://{name}.example"}}],
            "users": [{"name": name, "user": {"token": f"token of {name}"}}],
        }
    )


def find(
    files: Mapping[str, str], endpoint: str = ENDPOINT, environment: Mapping[str, str] | None = None
) -> kubeconfig.Entry:
    def read(path: str) -> bytes:
        if path not in files:
            raise FileNotFoundError(2, "No such file or directory", path)
        return files[path].encode()

    host = Host(
        environment={"DOCKER_CONFIG": "/docker", **(environment or {})},
        home="/home/me",
        working_directory="/work",
        read=read,
        exists=lambda path: path in files,
    )
    return kubeconfig.find(Site(host), endpoint)


def test_the_endpoints_file_comes_first() -> None:
    files = {"/a": config("a"), "/b": config("b"), "/home/me/.kube/config": config("home")}
    assert find(files, f"{ENDPOINT}/a", {"KUBECONFIG": "/b"}).cluster == {"server": "https://a.example"}
    assert find(files, ENDPOINT, {"KUBECONFIG": "/b"}).cluster == {"server": "https://b.example"}
    assert find(files).cluster == {"server": "https://home.example"}


def test_namespaces() -> None:
    assert find({"/a": config()}, f"{ENDPOINT}/a").namespace == "default"
    assert find({"/a": config(namespace="builds")}, f"{ENDPOINT}/a").namespace == "builds"


def test_several_files_are_one() -> None:
    files = {"/a": config("a", current="b"), "/work/b": config("b"), "/c": config("b", namespace="late")}
    found = find(files, f"{ENDPOINT}/a:b:/gone:/c")
    assert (found.cluster["server"], found.namespace) == ("https://b.example", "default")
    assert "/work/b" in found.source


def test_files_are_named_from_the_folder_of_their_kubeconfig() -> None:
    text = json.dumps(
        {
            "current-context": "c",
            "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
            "clusters": [
                {"name": "c", "cluster": {"server": "https://s", "certificate-authority": "ca.pem"}}
            ],
            "users": [
                {
                    "name": "u",
                    "user": {
                        "client-certificate": "/abs/cert.pem",
                        "client-key": "keys/key.pem",
                        "exec": {"command": "./plugin"},
                    },
                }
            ],
        }
    )
    found = find({"/etc/kube/config": text}, f"{ENDPOINT}/etc/kube/config")
    assert found.cluster["certificate-authority"] == "/etc/kube/ca.pem"
    assert found.user["client-certificate"] == "/abs/cert.pem"
    assert found.user["client-key"] == "/etc/kube/keys/key.pem"
    assert found.user["exec"]["command"] == "/etc/kube/./plugin"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "expected the node content"),
        ("[]", "it is no mapping"),
        ("current-context: x", "`x` is none of its contexts: none"),
        ("clusters: []", "it has no current-context"),
        ("clusters: 5", "`clusters` is no list of names"),
        ("clusters: [{name: a, cluster: 5}]", "one of `clusters` is no mapping"),
        (
            "{current-context: a, contexts: [{name: a, context: {cluster: b}}]}",
            "`b` is none of its clusters: none",
        ),
        (
            "{current-context: a, contexts: [{name: a, context: {cluster: b, user: c}}], "
            "clusters: [{name: b, cluster: {}}], users: [{name: d, user: {}}]}",
            "`c` is none of its users: d",
        ),
    ],
)
def test_files_that_cannot_be_used(text: str, told: str) -> None:
    with pytest.raises(BuilderError, match="The kubeconfig cannot be used") as raised:
        find({"/a": text}, f"{ENDPOINT}/a")
    assert raised.value.detail.startswith("`/a`: ")
    assert told in raised.value.detail
    assert raised.value.hint


def test_no_file_at_all() -> None:
    with pytest.raises(BuilderError, match="No Kubernetes cluster is configured") as raised:
        find({}, f"{ENDPOINT}/gone")
    assert "`/gone`" in raised.value.detail
    assert "KUBECONFIG=FILE" in str(raised.value.hint)


def test_inside_of_a_cluster() -> None:
    files = {f"{ACCOUNT}/token": "t", f"{ACCOUNT}/namespace": "builds\n"}
    environment = {"KUBERNETES_SERVICE_HOST": "fd00::1", "KUBERNETES_SERVICE_PORT": "443"}
    found = find(files, ENDPOINT, environment)
    assert found.cluster == {
        "server": "https://[fd00::1]:443",
        "certificate-authority": f"{ACCOUNT}/ca.crt",
    }
    assert (found.namespace, found.user) == ("builds", {"tokenFile": f"{ACCOUNT}/token"})
    own = find({**files, "/home/me/.kube/config": config("home")}, ENDPOINT, environment)
    assert own.cluster == {"server": "https://home.example"}


def test_a_docker_contexts_own_cluster() -> None:
    digest = hashlib.sha256(b"far").hexdigest()
    kubernetes: dict[str, Any] = {
        "Host": "https://far.example",
        "SkipTLSVerify": True,
        "DefaultNamespace": "builds",
        "token": "t",
    }
    files = {
        f"/docker/contexts/meta/{digest}/meta.json": json.dumps({"Endpoints": {"kubernetes": kubernetes}}),
        f"/docker/contexts/tls/{digest}/kubernetes/ca.pem": "",
        "/home/me/.kube/config": config("home"),
    }
    found = find(files, "far")
    assert found.cluster["server"] == "https://far.example"
    assert found.cluster["insecure-skip-tls-verify"] is True
    assert found.cluster["certificate-authority"].endswith("/kubernetes/ca.pem")
    assert (found.user["token"], found.namespace) == ("t", "builds")
    assert find(files, "near").cluster == {"server": "https://home.example"}
