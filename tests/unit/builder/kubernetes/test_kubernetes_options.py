from __future__ import annotations

import pytest

from bake.builder.kubernetes.options import Options, parse
from bake.errors import BuilderError
from bake.node import Node


def read(**options: str) -> Options:
    return parse(
        Node("n", "", driver_opts={name.replace("__", "."): value for name, value in options.items()})
    )


def test_nothing_asked_for() -> None:
    assert read() == Options(image="moby/buildkit:buildx-stable-1")
    assert read().timeout == 120.0
    assert read(image="", namespace="", timeout="90s") == Options(
        image="moby/buildkit:buildx-stable-1", timeout=90.0
    )


def test_every_option() -> None:
    found = parse(
        Node(
            "n",
            "",
            driver_opts={
                "image": "own/buildkit:1",
                "namespace": "builds",
                "replicas": "3",
                "requests.cpu": "100m",
                "requests.memory": "32Mi",
                "requests.ephemeral-storage": "1Gi",
                "limits.cpu": "1.5",
                "limits.memory": "1e9",
                "limits.ephemeral-storage": "2Gi",
                "persistent-volume-claim.requests.storage": "10Gi",
                "rootless": "true",
                "schedulername": "mine",
                "serviceaccount": "builder",
                "nodeselector": '"a=b,c=d"',
                "annotations": "example.com/a=1",
                "labels": "example.com/l=2",
                "tolerations": "key=k,operator=Equal,value=v,effect=NoSchedule,tolerationSeconds=60;key=l",
                "loadbalance": "random",
                "qemu.install": "1",
                "qemu.image": "own/qemu",
                "buildkit-root-volume-memory": "1Gi",
                "default-load": "T",
                "timeout": "1m30s",
                "env.HTTP_PROXY": "http://proxy",
            },
        )
    )
    assert found == Options(
        image="own/buildkit:1",
        namespace="builds",
        replicas=3,
        requests={"cpu": "100m", "memory": "32Mi", "ephemeral-storage": "1Gi"},
        limits={"cpu": "1.5", "memory": "1e9", "ephemeral-storage": "2Gi"},
        storage="10Gi",
        rootless=True,
        scheduler="mine",
        service_account="builder",
        node_selector={"a": "b", "c": "d"},
        annotations={"example.com/a": "1"},
        labels={"example.com/l": "2"},
        tolerations=(
            {"key": "k", "operator": "Equal", "value": "v", "effect": "NoSchedule", "tolerationSeconds": 60},
            {"key": "l"},
        ),
        balance="random",
        qemu=True,
        qemu_image="own/qemu",
        memory="1Gi",
        default_load=True,
        timeout=90.0,
        environment={"HTTP_PROXY": "http://proxy"},
    )


def test_rootless_has_an_image_of_its_own() -> None:
    assert read(rootless="true").image == "moby/buildkit:buildx-stable-1-rootless"
    assert read(rootless="true", image="own").image == "own"


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("replicas", "0", "1 at least"),
        ("replicas", "many", "expected a number of pods"),
        ("replicas", "2147483648", "expected a number of pods"),
        ("requests.cpu", "one", "expected a quantity"),
        ("limits.memory", "5 GB", "expected a quantity"),
        ("limits.memory", "5KB", "expected a quantity"),
        ("rootless", "maybe", "expected true or false"),
        ("nodeselector", "a", "invalid key-value pair: a"),
        ("nodeselector", "a=b=c", "invalid key-value pair: a=b=c"),
        ("annotations", "buildx.docker.com/platform=x", '"buildx.docker.com/platform" is reserved'),
        ("labels", "app=x", 'the label "app" is reserved'),
        ("tolerations", "key=a,colour=red", "`colour=red` is none of key=…"),
        ("tolerations", "key", "`key` is none of"),
        ("tolerations", "effect=Never", "`Never` is none of NoSchedule"),
        ("tolerations", "tolerationSeconds=soon", "`soon` is no number"),
        ("loadbalance", "fair", "`fair` is none of sticky, random"),
        ("timeout", "5", "expected a duration"),
        ("timeout", "0s", "expected a duration"),
        ("timeout", "5m later", "expected a duration"),
    ],
)
def test_values_that_cannot_be_read(name: str, value: str, told: str) -> None:
    with pytest.raises(BuilderError) as raised:
        parse(Node("n", "", driver_opts={name: value}))
    assert raised.value.summary.startswith(f"invalid value for {name}: ")
    assert told in raised.value.summary
    assert raised.value.detail == f"node `n`: `{name}={value}`"


def test_options_that_are_none() -> None:
    with pytest.raises(BuilderError, match="invalid driver option cpus for driver kubernetes") as raised:
        parse(Node("n", "", driver_opts={"cpus": "1"}))
    assert "limits.cpu" in raised.value.detail
    with pytest.raises(BuilderError, match=r"expecting env\.FOO=bar"):
        parse(Node("n", "", driver_opts={"env.": "1"}))
