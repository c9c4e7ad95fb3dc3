from __future__ import annotations

import pytest

from bake.errors import DefinitionError, UsageError
from bake.plan.policies import SOURCE_POLICY_VARIABLE, in_force, of_sources
from tests.fakes.planning import complaint, engine, machine, solve, target


@pytest.mark.parametrize(
    ("policy", "files"),
    [
        ((), ("d",)),
        (("filename=a", "filename=b"), ("d", "a", "b")),
        (("filename=a", "reset=true,filename=b"), ("b",)),
        (("reset=true",), ()),
        (("strict=true",), ("d",)),
        (("disabled=true",), ()),
    ],
)
def test_files_in_force(policy: tuple[str, ...], files: tuple[str, ...]) -> None:
    assert in_force(target(policy=policy), "d") == files


@pytest.mark.parametrize("text", ["", '{"rules": []}'])
def test_a_policy_of_sources_is_taken_as_it_is(text: str) -> None:
    host = machine({"/w/p.json": text.encode()}, **{SOURCE_POLICY_VARIABLE: "p.json"})
    assert of_sources(host) == text


@pytest.mark.parametrize("text", ["{", "[]", "\n"])
def test_a_policy_of_sources_that_is_none(text: str) -> None:
    host = machine({"/w/p.json": text.encode()}, **{SOURCE_POLICY_VARIABLE: "p.json"})
    with pytest.raises(UsageError, match=r"`p\.json`"):
        of_sources(host)


@pytest.mark.parametrize("policy", [("disabled=true", "filename=a"), ("disabled=true,strict=false",)])
def test_policies_are_not_disabled_in_part(policy: tuple[str, ...]) -> None:
    with pytest.raises(DefinitionError, match="disabled policy cannot be combined"):
        in_force(target(policy=policy), "")


def test_nothing_is_built_unchecked() -> None:
    assert "`p.rego`" in complaint(target(policy=("filename=p.rego",)))


def test_a_policy_beside_the_dockerfile_counts() -> None:
    host = machine({"/w/app.Dockerfile": b"", "/w/app.Dockerfile.rego": b""})
    app = target(dockerfile="app.Dockerfile")
    assert "`/w/app.Dockerfile.rego`" in complaint(app, host=host)
    assert solve(target(), host=host)
    assert solve(target(dockerfile="app.Dockerfile", policy=("disabled=true",)), host=host)
    assert solve(target(dockerfile="app.Dockerfile", policy=("reset=true",)), host=host)


def test_an_inline_dockerfile_has_nothing_beside_it() -> None:
    host = machine({"/w/Dockerfile.rego": b""})
    assert solve(target(dockerfile_inline="FROM scratch"), host=host)


def test_a_policy_that_comes_with_a_remote_context() -> None:
    app = target(context="https://x/y.git")
    assert solve(app, policies={"https://x/y.git": ["other"]})
    with pytest.raises(DefinitionError, match="Policies in Rego"):
        solve(app, policies={"https://x/y.git": ["Dockerfile"]})


def test_the_policy_that_buildx_brings_along() -> None:
    host = machine(BUILDX_DEFAULT_POLICY="1")
    assert "`BUILDX_DEFAULT_POLICY=1`" in complaint(target(), host=host)
    assert solve(target(policy=("disabled=true",)), engine(), host=host)
