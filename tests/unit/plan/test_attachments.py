from __future__ import annotations

import pytest

from bake.solve import Secret, SSHAgent
from tests.fakes.planning import KEY, complaint, machine, plan, solve, target


def test_secrets_by_file_variable_and_name_alone() -> None:
    host = machine({"/w/f": b"", "/w/named": b""}, TOKEN="x", named_var="y")
    wanted = ("id=a,src=f", "id=b,env=TOKEN,src=f", "id=named", "id=named_var", "id=unset,env=NOPE")
    assert solve(target(secret=wanted), host=host).secrets == (
        Secret("a", path="/w/f"),
        Secret("b", env="TOKEN"),
        Secret("named", path="/w/named"),
        Secret("named_var", env="named_var"),
        Secret("unset", env="NOPE"),
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "no private key"),
        (KEY.replace(b"PRIVATE", b"PUBLIC"), "no private key"),
        (KEY.replace(b"\nMC4", b"\nProc-Type: 4,ENCRYPTED\n\nMC4"), "passphrase"),
    ],
)
def test_a_file_that_is_no_key(text: bytes, said: str) -> None:
    assert said in complaint(target(ssh=("a=key",)), host=machine({"/w/key": text}))


def test_a_missing_secret_is_found_before_the_build() -> None:
    found = complaint(target(secret=("id=a,src=gone",)))
    assert "Secret not found" in found
    assert "`/w/gone`" in found
    assert "no variable of its name" in complaint(target(secret=("id=a",)))
    assert "`/w/gone`" in complaint(target(secret=("id=a,env=B,src=gone",)))


def test_a_secret_needs_an_id() -> None:
    assert "A secret needs an id" in complaint(target(secret=("env=X",)))


def test_agents() -> None:
    host = machine({"/w/key": KEY, "/sock": b""}, SSH_AUTH_SOCK="/sock")
    made = solve(target(ssh=("default", "other=key")), host=host)
    assert made.ssh == (SSHAgent("default"), SSHAgent("other", ("/w/key",)))


def test_a_context_over_ssh_brings_the_default_agent() -> None:
    host = machine({"/sock": b""}, SSH_AUTH_SOCK="/sock")
    assert solve(target(context="git@x.y:a/b.git"), host=host).ssh == (SSHAgent("default"),)
    assert solve(target(context="https://x.y/a.git"), host=host).ssh == ()


def test_agents_that_cannot_be_used() -> None:
    assert "SSH_AUTH_SOCK is not set" in complaint(target(ssh=("default",)))
    assert "SSH key or socket not found" in complaint(target(ssh=("a=gone",)))
    assert "`/gone`, which is not there" in complaint(
        target(ssh=("default",)), host=machine(SSH_AUTH_SOCK="/gone")
    )
    host = machine({"/sock": b""}, SSH_AUTH_SOCK="/sock")
    assert "given twice" in complaint(target(ssh=("a", "a")), host=host)


def test_host_network_is_an_entitlement() -> None:
    made = solve(target(network="host", entitlements=("network.host", "security.insecure")))
    assert made.entitlements == ("network.host", "security.insecure")
    assert made.attrs["force-network-mode"] == "host"


def test_a_git_server_gets_the_tokens_meant_for_the_definitions_server() -> None:
    host = machine(BUILDX_BAKE_GIT_AUTH_TOKEN="t", buildx_bake_git_auth_header="h")
    remote = "https://me@host:8443/a.git#main"
    made = solve(target(context="https://HOST:8443/b.git"), host=host, remote=remote)
    assert made.secrets == (
        Secret("GIT_AUTH_TOKEN.host:8443", env="BUILDX_BAKE_GIT_AUTH_TOKEN"),
        Secret("GIT_AUTH_HEADER.host:8443", env="buildx_bake_git_auth_header"),
    )
    assert solve(target(context="https://other/b.git"), host=host, remote=remote).secrets == ()
    assert solve(target(), host=host, remote=remote).secrets == ()


def test_what_a_target_lacks_its_heirs_lend() -> None:
    host = machine({"/w/key": KEY}, A="1", B="2")
    made = plan(
        target("base"),
        target("mid", contexts={"x": "target:base"}, secret=("id=s,env=A",)),
        target(
            "app", contexts={"x": "target:mid"}, secret=("id=s,env=B", "id=t,env=B"), ssh=("default=key",)
        ),
        host=host,
    )
    lent = {one.target: (one.secrets, one.ssh) for one in made.solves.values()}
    own, more = Secret("s", env="A"), Secret("t", env="B")
    agent = SSHAgent("default", ("/w/key",))
    assert lent == {
        "base": ((own, more), (agent,)),
        "mid": ((own, more), (agent,)),
        "app": ((Secret("s", env="B"), more), (agent,)),
    }
