from __future__ import annotations

from typing import Any

import pytest

from bake import platforms
from bake.builder.kubernetes.manifest import Manifest, make
from bake.builder.kubernetes.options import parse
from bake.errors import BuilderError
from bake.node import Node

PROBE = {
    "exec": {"command": ["buildctl", "debug", "workers"]},
    "failureThreshold": 3,
    "initialDelaySeconds": 5,
    "periodSeconds": 30,
    "successThreshold": 1,
    "timeoutSeconds": 60,
}


def made(files: dict[str, bytes] | None = None, **options: str) -> Manifest:
    node = Node(
        "my_kube0",
        "",
        driver_opts={name.replace("__", ".").replace("_", "-"): value for name, value in options.items()},
        buildkitd_flags=("--debug",),
        files=files or {},
    )
    return make(node, parse(node))


def pod(manifest: Manifest) -> dict[str, Any]:
    found: dict[str, Any] = manifest.workload["spec"]["template"]["spec"]
    return found


def container(manifest: Manifest) -> dict[str, Any]:
    (found,) = pod(manifest)["containers"]
    return dict(found)


def test_the_least() -> None:
    assert made().workload == {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "my-kube0", "labels": {"app": "my-kube0"}},
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": {"app": "my-kube0"}},
            "template": {
                "metadata": {"labels": {"app": "my-kube0"}},
                "spec": {
                    "containers": [
                        {
                            "name": "buildkitd",
                            "image": "moby/buildkit:buildx-stable-1",
                            "args": ["--debug"],
                            "securityContext": {"privileged": True},
                            "readinessProbe": PROBE,
                            "livenessProbe": PROBE,
                            "resources": {},
                        }
                    ]
                },
            },
        },
    }
    assert made().configs == ()


def test_fixed_platforms_labels_and_annotations_are_the_pods_too() -> None:
    node = Node(
        "n",
        "",
        platforms=(platforms.parse("linux/amd64"), platforms.parse("linux/arm64")),
        driver_opts={"annotations": "a=b", "labels": "c=d"},
    )
    found = make(node, parse(node))
    annotations = {"buildx.docker.com/platform": "linux/amd64,linux/arm64", "a": "b"}
    for metadata in (found.workload["metadata"], found.workload["spec"]["template"]["metadata"]):
        assert metadata["annotations"] == annotations
        assert metadata["labels"] == {"app": "n", "c": "d"}
    assert found.workload["spec"]["selector"] == {"matchLabels": {"app": "n", "c": "d"}}
    assert found.labels == {"app": "n", "c": "d"}


def test_rootless() -> None:
    found = made(rootless="true")
    own = container(found)
    assert own["image"] == "moby/buildkit:buildx-stable-1-rootless"
    assert own["args"] == ["--debug", "--oci-worker-no-process-sandbox"]
    assert own["securityContext"] == {"seccompProfile": {"type": "Unconfined"}}
    assert own["volumeMounts"] == [{"name": "buildkitd", "mountPath": "/home/user/.local/share/buildkit"}]
    assert pod(found)["volumes"] == [{"name": "buildkitd", "emptyDir": {}}]
    annotations = {"container.apparmor.security.beta.kubernetes.io/buildkitd": "unconfined"}
    assert found.workload["metadata"]["annotations"] == annotations
    assert found.workload["spec"]["template"]["metadata"]["annotations"] == annotations


def test_a_cache_on_a_volume_makes_a_stateful_set() -> None:
    found = made(persistent_volume_claim__requests__storage="10Gi", buildkit_root_volume_memory="1Gi")
    assert found.kind == "StatefulSet"
    spec = found.workload["spec"]
    assert (spec["serviceName"], spec["podManagementPolicy"]) == ("buildkitd", "Parallel")
    assert spec["volumeClaimTemplates"] == [
        {
            "metadata": {"name": "buildkitd"},
            "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "10Gi"}}},
        }
    ]
    assert container(found)["volumeMounts"] == [{"name": "buildkitd", "mountPath": "/var/lib/buildkit"}]
    assert "volumes" not in pod(found)


@pytest.mark.parametrize(
    ("rootless", "name", "path"),
    [
        ("false", "buildkit-memory", "/var/lib/buildkit"),
        ("true", "buildkitd", "/home/user/.local/share/buildkit"),
    ],
)
def test_a_cache_in_memory(rootless: str, name: str, path: str) -> None:
    found = made(buildkit_root_volume_memory="1Gi", rootless=rootless)
    assert pod(found)["volumes"] == [{"name": name, "emptyDir": {"medium": "Memory", "sizeLimit": "1Gi"}}]
    assert container(found)["volumeMounts"] == [{"name": name, "mountPath": path}]


def test_where_pods_go_and_what_they_get() -> None:
    found = made(
        requests__cpu="100m",
        limits__memory="1Gi",
        requests__ephemeral_storage="2Gi",
        nodeselector="a=b",
        tolerations="key=k,operator=Exists",
        schedulername="mine",
        serviceaccount="builder",
        qemu__install="true",
    )
    assert container(found)["resources"] == {
        "requests": {"cpu": "100m", "ephemeral-storage": "2Gi"},
        "limits": {"memory": "1Gi"},
    }
    own = pod(found)
    assert own["nodeSelector"] == {"a": "b"}
    assert own["tolerations"] == [{"key": "k", "operator": "Exists"}]
    assert (own["schedulerName"], own["serviceAccountName"]) == ("mine", "builder")
    assert own["initContainers"] == [
        {
            "name": "qemu",
            "image": "tonistiigi/binfmt:latest",
            "args": ["--install", "all"],
            "securityContext": {"privileged": True},
        }
    ]


def test_files_are_config_maps_by_folder() -> None:
    found = made({"buildkitd.toml": b"debug = true", "certs/a/ca.pem": b"A", "certs/a/key.pem": b"K"})
    assert [(one["metadata"], one["data"]) for one in found.configs] == [
        ({"name": "my-kube0-config"}, {"buildkitd.toml": "debug = true"}),
        ({"name": "my-kube0-config-1"}, {"ca.pem": "A", "key.pem": "K"}),
    ]
    assert container(found)["volumeMounts"] == [
        {"name": "config", "mountPath": "/etc/buildkit"},
        {"name": "config-1", "mountPath": "/etc/buildkit/certs/a"},
    ]
    assert pod(found)["volumes"] == [
        {"name": "config", "configMap": {"name": "my-kube0-config"}},
        {"name": "config-1", "configMap": {"name": "my-kube0-config-1"}},
    ]


def test_files_that_are_no_text() -> None:
    with pytest.raises(BuilderError, match="no text") as raised:
        made({"ca.der": b"\xff\xfe"})
    assert "`ca.der`" in raised.value.detail


def test_the_environment() -> None:
    node = Node("n", "", driver_opts={"env.A": "b", "env.C": ""})
    found = container(make(node, parse(node)))
    assert found["env"] == [{"name": "A", "value": "b"}, {"name": "C", "value": ""}]
