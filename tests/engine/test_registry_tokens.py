"""A registry that takes tokens: who fetches them, and with what.

The registry is a real one; who signs its tokens notes which program asked, and so tells this client from
the engine.
"""

from __future__ import annotations

import base64
import json
import os
from typing import TYPE_CHECKING, Any

import pytest

from tests.engine.bakefile import define, word
from tests.engine.token_server import PASSWORD, REFRESH, USER, TokenServer
from tools.engine.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.commands import Command
    from tools.engine.packages import Tools


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TokenServer]:
    with TokenServer(tmp_path_factory.mktemp("authority")) as running:
        yield running


@pytest.fixture(scope="module")
def guarded(authority: TokenServer, tools: Tools) -> Iterator[Registry]:
    """A registry that believes the authority."""
    with Registry(tools, auth=authority.settings) as running:
        yield running


@pytest.fixture(autouse=True)
def _asked_anew(authority: TokenServer) -> None:
    authority.oauth = True
    authority.requests.clear()


def configure(home: Path, **config: Any) -> None:
    (home / "docker").mkdir(exist_ok=True)
    (home / "docker" / "config.json").write_text(json.dumps(config))


def login(password: str = PASSWORD) -> dict[str, str]:
    return {"auth": base64.b64encode(f"{USER}:{password}".encode()).decode()}


def helper(home: Path, script: str) -> str:
    """A credential helper called `docker-credential-test`; the PATH to find it."""
    folder = home / "helpers"
    folder.mkdir()
    program = folder / "docker-credential-test"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return f"{folder}:{os.environ['PATH']}"


def pushing(project: Path, registry: Registry, repository: str = "private/app") -> str:
    """A target that pushes an image nobody has; its name."""
    name = f"{registry.address}/{repository}:{word()}"
    define(
        project,
        app={
            "tags": [name],
            "dockerfile-inline": f"FROM scratch\nLABEL word={word()}\n",
            "output": ["type=registry"],
        },
    )
    return name


def pulling(project: Path, name: str) -> None:
    """A target from the image `name` that is in no cache."""
    dockerfile = f"FROM {name}\nLABEL word={word()}\n"
    define(project, app={"dockerfile-inline": dockerfile, "pull": True, "output": ["type=cacheonly"]})


def test_this_client_fetches_the_tokens(
    project: Path, pybake: Command, home: Path, guarded: Registry, authority: TokenServer
) -> None:
    configure(home, auths={guarded.address: login()})
    pushing(project, guarded)
    pybake("app").ok()

    assert {(one.method, one.agent, one.user) for one in authority.requests} == {("POST", "pybake", USER)}
    assert any("repository:private/app:pull,push" in one.scopes for one in authority.requests)


def test_the_engine_keeps_them_for_the_user_who_proves_to_be_the_same(
    project: Path, pybake: Command, home: Path, guarded: Registry, authority: TokenServer
) -> None:
    configure(home, auths={guarded.address: login()})
    name = pushing(project, guarded, "private/of-one")
    pybake("app").ok()

    pulling(project, name)
    pybake("app").ok()
    authority.requests.clear()
    pulling(project, name)
    pybake("app").ok()
    assert authority.requests == []

    configure(home)
    pulling(project, name)
    told = pybake("app")
    assert told.code == 1
    assert {one.user for one in authority.requests} == {""}


def test_the_engine_fetches_them_if_it_is_to(
    project: Path, pybake: Command, home: Path, guarded: Registry, authority: TokenServer
) -> None:
    configure(home, auths={guarded.address: login()})
    pushing(project, guarded, "private/other")
    pybake("app", BUILDKIT_NO_CLIENT_TOKEN="1").ok()

    assert {one.user for one in authority.requests if one.granted} == {USER}
    assert "pybake" not in {one.agent for one in authority.requests}
    assert not (home / "docker/.token_seed").exists()


def test_a_server_without_oauth(
    project: Path, pybake: Command, home: Path, guarded: Registry, authority: TokenServer
) -> None:
    authority.oauth = False
    configure(home, auths={guarded.address: login()})
    pushing(project, guarded, "private/old")
    pybake("app").ok()

    assert {(one.method, one.agent, one.user) for one in authority.requests} == {("GET", "pybake", USER)}


def test_an_identity_token_of_a_helper(
    project: Path, pybake: Command, home: Path, guarded: Registry, authority: TokenServer
) -> None:
    path = helper(home, f"""echo '{{"Username": "<token>", "Secret": "{REFRESH}"}}'""")
    configure(home, credHelpers={guarded.address: "test"})
    pushing(project, guarded, "private/identity")
    pybake("app", PATH=path).ok()

    assert {(one.method, one.agent, one.user) for one in authority.requests} == {("POST", "pybake", "token")}


def test_an_expired_login_says_what_to_do_and_not_the_secret(
    project: Path, pybake: Command, home: Path, guarded: Registry
) -> None:
    configure(home, auths={guarded.address: {"auth": "eDo=", "identitytoken": "a token that has ended"}})
    pushing(project, guarded, "private/expired")
    told = pybake("app")

    assert told.code == 1
    assert "the stored login has expired or was revoked" in told.stderr
    assert f"docker login {guarded.address}" in told.stderr
    assert "401" in told.stderr
    assert "a token that has ended" not in told.stderr + told.stdout


def test_a_wrong_password_is_not_shown(project: Path, pybake: Command, home: Path, guarded: Registry) -> None:
    configure(home, auths={guarded.address: login("sesame and no other")})
    pushing(project, guarded, "private/wrong")
    told = pybake("app")

    assert told.code == 1
    assert "the stored password is not accepted" in told.stderr
    assert "sesame and no other" not in told.stderr + told.stdout


def test_the_variable_comes_before_the_file(
    project: Path, pybake: Command, home: Path, guarded: Registry, authority: TokenServer
) -> None:
    configure(home, auths={guarded.address: login("of another")})
    pushing(project, guarded, "private/variable")
    given = json.dumps({"auths": {guarded.address: login()}})
    pybake("app", DOCKER_AUTH_CONFIG=given).ok()

    assert {one.granted for one in authority.requests} == {True}


def test_a_registry_token_is_used_as_it_is(
    project: Path, pybake: Command, home: Path, guarded: Registry, authority: TokenServer
) -> None:
    _, fields = authority.answer(
        "POST", "test", {"scope": ["repository:private/bearer:pull,push"], "refresh_token": [REFRESH]}, ""
    )
    authority.requests.clear()
    configure(home, auths={guarded.address: {"registrytoken": fields["access_token"]}})
    pushing(project, guarded, "private/bearer")
    pybake("app").ok()

    assert authority.requests == []


def test_credentials_for_one_repository_only(
    project: Path, pybake: Command, home: Path, guarded: Registry, authority: TokenServer
) -> None:
    scoped = home / "buildx" / "config" / guarded.address / "private/own@push"
    scoped.mkdir(parents=True)
    (scoped / "config.json").write_text(json.dumps({"auths": {guarded.address: login()}}))
    configure(home, auths={guarded.address: login("of another repository")})
    pushing(project, guarded, "private/own")
    pybake("app").ok()

    granted = [one for one in authority.requests if one.granted]
    assert {(one.agent, one.scopes) for one in granted} == {("pybake", ("repository:private/own:pull,push",))}


def test_nobody_may_pull_what_is_public(
    project: Path, pybake: Command, home: Path, guarded: Registry, authority: TokenServer
) -> None:
    configure(home, auths={guarded.address: login()})
    name = pushing(project, guarded, "public/base")
    pybake("app").ok()
    authority.requests.clear()
    configure(home)
    pulling(project, name)
    pybake("app").ok()

    assert {(one.method, one.agent, one.user) for one in authority.requests} == {("GET", "pybake", "")}


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("echo 'the keychain is locked' >&2; exit 1", "the keychain is locked"),
        ("echo secretly: no JSON", "docker-credential-test"),
        ("echo '[]'", "no JSON object"),
    ],
    ids=["failing", "malformed", "no-object"],
)
def test_helpers_that_break(
    project: Path, pybake: Command, home: Path, guarded: Registry, script: str, said: str
) -> None:
    path = helper(home, script)
    configure(home, credsStore="test")
    pushing(project, guarded, f"private/{word()}")
    told = pybake("app", PATH=path)

    assert told.code == 1
    assert said in told.stderr
    assert "secretly" not in told.stderr


def test_a_slow_helper_is_asked_once(project: Path, pybake: Command, home: Path, guarded: Registry) -> None:
    path = helper(
        home,
        f"""echo asked >> {home}/asked; sleep 1; echo '{{"Username": "{USER}", "Secret": "{PASSWORD}"}}'""",
    )
    configure(home, credsStore="test")
    targets = {
        f"t{index}": {
            "tags": [f"{guarded.address}/private/slow-{index}:{word()}"],
            "dockerfile-inline": f"FROM scratch\nLABEL word={word()}\n",
            "output": ["type=registry"],
        }
        for index in range(4)
    }
    define(project, {"default": list(targets)}, **targets)
    pybake(PATH=path).ok()

    assert (home / "asked").read_text() == "asked\n"
