from __future__ import annotations

from typing import Any

import pytest

from bake.plan.attributes import DEFAULT_PROVENANCE, HOST_GATEWAY_LABEL
from bake.plan.records import GitFacts
from tests.fakes.planning import HERE, complaint, engine, faults, machine, node, solve, target

PLAIN = {
    "filename": "Dockerfile",
    "image-resolve-mode": "local",
    "attest:provenance": "mode=min,inline-only=true",
}


def test_a_plain_target_on_an_engine() -> None:
    assert dict(solve(target()).attrs) == PLAIN


def test_a_plain_target_elsewhere_resolves_images_as_buildkit_does() -> None:
    assert "image-resolve-mode" not in solve(target(), node()).attrs


def test_what_the_frontend_is_told() -> None:
    attrs = solve(
        target(
            args={"A": "1"},
            labels={"l": "v"},
            target="stage",
            pull=True,
            no_cache_filter=("a", "b"),
            shm_size="64m",
            ulimits=("nofile=1024:2048", "core=0"),
            network="none",
        )
    ).attrs
    assert {key: value for key, value in attrs.items() if key not in PLAIN} == {
        "build-arg:A": "1",
        "label:l": "v",
        "target": "stage",
        "no-cache": "a,b",
        "shm-size": "67108864",
        "ulimit": "core=0:0,nofile=1024:2048",
        "force-network-mode": "none",
    }
    assert attrs["image-resolve-mode"] == "pull"


def test_no_cache_beats_its_filter() -> None:
    assert solve(target(no_cache=True, no_cache_filter=("a",))).attrs["no-cache"] == ""


def test_an_empty_syntax_is_refused_and_a_given_one_chooses_the_frontend() -> None:
    chosen = solve(target(args={"BUILDKIT_SYNTAX": "docker/dockerfile:1 --x"}))
    assert chosen.frontend == "gateway.v0"
    assert chosen.attrs["source"] == "docker/dockerfile:1"
    assert chosen.attrs["cmdline"] == "docker/dockerfile:1 --x"
    assert "Empty BUILDKIT_SYNTAX" in complaint(target(args={"BUILDKIT_SYNTAX": " "}))


def test_proxies_are_build_arguments_unless_given_in_any_case() -> None:
    attrs = solve(target(args={"http_proxy": "mine"}), proxies={"HTTP_PROXY": "p", "NO_PROXY": "n"}).attrs
    assert attrs["build-arg:http_proxy"] == "mine"
    assert "build-arg:HTTP_PROXY" not in attrs
    assert attrs["build-arg:NO_PROXY"] == "n"


def test_platforms_are_normalised_and_in_order() -> None:
    attrs = solve(target(platforms=("linux/arm64/v8", "linux/arm")), engine("n", "linux/amd64")).attrs
    assert attrs["platform"] == "linux/arm64,linux/arm/v7"


def test_several_platforms_need_an_image_store_that_can() -> None:
    old = engine(store="graphdriver")
    wanted = target(platforms=("linux/amd64", "linux/arm64"))
    assert "Multi-platform build is not supported for the docker driver" in complaint(wanted, old)
    assert solve(target(platforms=("linux/amd64",)), old).attrs["platform"] == "linux/amd64"


def test_multi_platform_can_be_forced() -> None:
    assert solve(target(args={"BUILDKIT_MULTI_PLATFORM": "1"})).attrs["multi-platform"] == "true"
    assert "multi-platform" not in solve(target(args={"BUILDKIT_MULTI_PLATFORM": "no"})).attrs


def test_hosts() -> None:
    gateway = engine(labels={HOST_GATEWAY_LABEL: "172.17.0.1"})
    attrs = solve(target(extra_hosts={"b": "host-gateway", "a": "1.2.3.4,[::1]"}), gateway).attrs
    assert attrs["add-hosts"] == "a=1.2.3.4,a=::1,b=172.17.0.1"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"network": "mine"}, "Unknown network mode"),
        ({"shm_size": "lots"}, "`lots` is not a size"),
        ({"ulimits": ("x=1",)}, "`x=1` is not TYPE=SOFT[:HARD]"),
        ({"ulimits": ("nofile=9:1",)}, "the soft limit is above the hard limit"),
        ({"extra_hosts": {"a": "nowhere"}}, "`nowhere` is not an IP address"),
        ({"extra_hosts": {"a": "host-gateway"}}, "does not tell its gateway's address"),
        ({"call": "dance"}, "`dance` is not one of build, check"),
        ({"platforms": ("linux/*",)}, "wildcards are not supported"),
        ({"resources": {"memory": "much"}}, "`much` is not a size"),
    ],
)
def test_what_is_refused(fields: dict[str, Any], expected: str) -> None:
    assert expected in complaint(target(**fields))


def test_resources_leave_out_what_is_zero() -> None:
    limits = {"memory": "1g", "memory_swap": "-1", "cpu_shares": 0, "cpu_quota": 5, "cpuset_cpus": "0-1"}
    attrs = solve(target(resources=limits)).attrs
    assert {key: attrs[key] for key in ("memory", "memswap", "cpuquota", "cpusetcpus")} == {
        "memory": "1073741824",
        "memswap": "-1",
        "cpuquota": "5",
        "cpusetcpus": "0-1",
    }
    assert "cpushares" not in attrs


def test_attestations() -> None:
    attrs = solve(target(attest=("type=sbom,generator=x", "type=provenance,mode=max"))).attrs
    assert attrs["attest:sbom"] == "type=sbom,generator=x"
    assert attrs["attest:provenance"] == "type=provenance,mode=max"


def test_default_provenance_goes_away_when_it_is_not_wanted_or_not_possible() -> None:
    assert "attest:provenance" not in solve(target(attest=("type=provenance,disabled=true",))).attrs
    quiet = machine(BUILDX_NO_DEFAULT_ATTESTATIONS="1")
    assert "attest:provenance" not in solve(target(), host=quiet).attrs
    assert "attest:provenance" not in solve(target(), engine(store="graphdriver")).attrs
    incapable = engine(llb_caps=frozenset({"something.else"}))
    assert "attest:provenance" not in solve(target(), incapable).attrs
    assert solve(target(attest=("type=sbom",))).attrs["attest:provenance"] == DEFAULT_PROVENANCE


def test_attestations_need_an_image_store_that_can() -> None:
    assert "Attestation is not supported" in complaint(
        target(attest=("type=sbom",)), engine(store="graphdriver")
    )


def test_a_switch_that_is_no_boolean_is_refused() -> None:
    assert "neither true nor false" in complaint(
        target(), host=machine(BUILDX_NO_DEFAULT_ATTESTATIONS="maybe")
    )


@pytest.mark.parametrize(
    ("written", "asked"),
    [("check", "frontend.lint"), ("lint", "frontend.lint"), ("outline", "frontend.outline")],
)
def test_calls(written: str, asked: str) -> None:
    called = solve(target(call=written, contexts={"alpine": "docker-image://alpine"}))
    assert called.call == called.attrs["requestid"] == asked
    assert called.internal
    assert called.exports == ()
    assert called.attrs["frontend.caps"].endswith(",moby.buildkit.frontend.subrequests+forward")


def test_a_build_is_no_call() -> None:
    assert solve(target(call="build")).call == ""


FACTS = {HERE: GitFacts("/", "abc", "https://x/y.git")}


def test_git_facts_for_provenance() -> None:
    attrs = solve(target(), git=FACTS).attrs
    assert {key: value for key, value in attrs.items() if "vcs" in key} == {
        "vcs:revision": "abc",
        "vcs:source": "https://x/y.git",
        "vcs:localdir:context": "w",
        "vcs:localdir:dockerfile": "w",
    }
    assert not any(key.startswith("label:") for key in attrs)


def test_git_labels_when_they_are_asked_for() -> None:
    host = machine(BUILDX_GIT_LABELS="full", BUILDX_GIT_INFO="0")
    attrs = solve(target(), host=host, git=FACTS).attrs
    assert attrs["label:org.opencontainers.image.revision"] == "abc"
    assert attrs["label:com.docker.image.source.entrypoint"] == "w/Dockerfile"
    assert not any(key.startswith("vcs:") for key in attrs)


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"args": {"A": "\udcff"}}, "`build-arg:A="),
        ({"labels": {"\udcff": "b"}}, "`label:"),
        ({"dockerfile": "\udcff"}, "`filename="),
        ({"target": "\udcff"}, "`target="),
        ({"output": ("type=image,annotation.a=\udcff",)}, "`annotation.a="),
    ],
)
def test_what_is_no_text_cannot_be_sent(fields: dict[str, Any], named: str) -> None:
    (found,) = faults(target(**fields))
    assert found.summary == "Not UTF-8"
    assert named in str(found)
