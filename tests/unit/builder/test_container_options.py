from __future__ import annotations

import pytest

from bake.builder.container_options import Options, parse
from bake.errors import BuilderError
from bake.node import Node


def options(**given: str) -> Options:
    return parse(Node("n", "default", driver_opts={name.replace("_", "-"): given[name] for name in given}))


def test_the_defaults_are_the_references() -> None:
    found = options()
    assert found.image == "moby/buildkit:buildx-stable-1"
    assert found.restart == {"Name": "unless-stopped", "MaximumRetryCount": 0}
    assert found.cgroup_parent == "/docker/buildx"
    assert found.add_github
    assert not found.default_load
    assert found.host == {}


def test_every_option() -> None:
    found = options(
        network="host",
        image="a/b:c",
        memory="1.5g",
        memory_swap="-1",
        cpu_period="1",
        cpu_quota="2",
        cpu_shares="3",
        cpuset_cpus="0-3",
        cpuset_mems="0",
        cgroup_parent="/x",
        restart_policy="on-failure:4",
        default_load="true",
        provenance_add_gha="false",
        allow_untrusted_image="true",
    )
    assert (found.network, found.image, found.cgroup_parent) == ("host", "a/b:c", "/x")
    assert (found.default_load, found.add_github) == (True, False)
    assert found.restart == {"Name": "on-failure", "MaximumRetryCount": 4}
    assert found.host == {
        "mem_limit": 3 << 29,
        "memswap_limit": -1,
        "cpu_period": 1,
        "cpu_quota": 2,
        "cpu_shares": 3,
        "cpuset_cpus": "0-3",
        "cpuset_mems": "0",
    }


def test_environment() -> None:
    found = parse(Node("n", "x", driver_opts={"env.A": "1", "env.B_C": "a=b"}))
    assert found.environment == {"A": "1", "B_C": "a=b"}


@pytest.mark.parametrize(
    ("name", "value", "fault"),
    [
        ("x", "1", "invalid driver option x for docker-container driver"),
        ("env.", "1", 'invalid env option "env."'),
        ("memory", "much", "invalid value for memory: invalid size: 'much'"),
        ("cpu-quota", "x", "invalid value for cpu-quota"),
        ("default-load", "maybe", "expected true or false"),
        ("restart-policy", "sometimes", "expected one of no, always"),
        ("restart-policy", "always:3", "only on-failure has a count"),
    ],
)
def test_options_that_cannot_be(name: str, value: str, fault: str) -> None:
    with pytest.raises(BuilderError, match=fault):
        parse(Node("n", "x", driver_opts={name: value}))
