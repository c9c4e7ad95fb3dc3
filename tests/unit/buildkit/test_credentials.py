from __future__ import annotations

import base64
import json
import os
from typing import TYPE_CHECKING, Any

import pytest

from bake.buildkit.credentials import ANONYMOUS, Credentials, DockerCredentials, HelperTimes
from bake.errors import BakeWarning, UsageError

if TYPE_CHECKING:
    from pathlib import Path

HELPER = """#!/bin/sh
test "$1" = get || exit 9
read host
case "$host" in
  good.example) echo '{"ServerURL": "x", "Username": "helped", "Secret": "s3cret"}' ;;
  token.example) echo '{"Username": "<token>", "Secret": "refresh"}' ;;
  none.example) echo 'credentials not found in native keychain'; exit 1 ;;
  silly.example) echo 'not json s3cret' ;;
  https://index.docker.io/v1/) echo '{"Username": "hub", "Secret": "s3cret"}' ;;
  *) echo 'keychain is locked' >&2; exit 1 ;;
esac
"""


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def source(folder: Path, config: Any, **environment: str) -> DockerCredentials:
    (folder / "config.json").write_text(config if isinstance(config, str) else json.dumps(config))
    return DockerCredentials(str(folder), {"PATH": f"{folder}:{os.environ['PATH']}", **environment})


@pytest.fixture
def helper(tmp_path: Path) -> Path:
    path = tmp_path / "docker-credential-fake"
    path.write_text(HELPER)
    path.chmod(0o755)
    return tmp_path


AUTHS = {
    "reg.example:5000": {"auth": encoded("me:pass:word")},
    "plain.example": {"username": "u", "password": "p"},
    "id.example": {"auth": encoded("x:"), "identitytoken": "refresh"},
    "bearer.example": {"registrytoken": "bearer"},
    "https://old.example/v2/": {"auth": encoded("old:pw\0\0")},
    "https://index.docker.io/v1/": {"auth": encoded("hub:pw")},
    "empty.example": {},
}


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("reg.example:5000", Credentials("me", "pass:word")),
        ("plain.example", Credentials("u", "p")),
        ("id.example", Credentials("x", "", "refresh")),
        ("bearer.example", Credentials(registry_token="bearer")),
        ("old.example", Credentials("old", "pw")),
        ("registry-1.docker.io", Credentials("hub", "pw")),
        ("dhi.io", Credentials("hub", "pw")),
        ("empty.example", ANONYMOUS),
        ("unknown.example", ANONYMOUS),
        ("reg.example", ANONYMOUS),
    ],
)
def test_the_file(tmp_path: Path, host: str, expected: Credentials) -> None:
    assert source(tmp_path, {"auths": AUTHS}).credentials(host) == expected


def test_no_configuration_is_nobody(tmp_path: Path) -> None:
    assert DockerCredentials(str(tmp_path / "absent"), {}).credentials("reg.example") == ANONYMOUS


def test_a_damaged_configuration_is_nobody(tmp_path: Path) -> None:
    with pytest.warns(BakeWarning, match=r"config\.json:1:2: "):
        assert source(tmp_path, "{").credentials("x") == ANONYMOUS


@pytest.mark.parametrize("auth", ["s3cret!", encoded("s3cret")])
def test_a_damaged_login_is_nobodys_and_never_shown(tmp_path: Path, auth: str) -> None:
    with pytest.warns(BakeWarning, match="`auth` of `x`") as told:
        assert source(tmp_path, {"auths": {"x": {"auth": auth}}}).credentials("x") == ANONYMOUS
    assert auth not in str(told[0].message)


def test_the_configuration_is_read_anew(tmp_path: Path) -> None:
    found = source(tmp_path, {})
    assert found.credentials("plain.example") == ANONYMOUS
    (tmp_path / "config.json").write_text(json.dumps({"auths": AUTHS}))
    assert found.credentials("plain.example") == Credentials("u", "p")


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("good.example", Credentials("helped", "s3cret")),
        ("token.example", Credentials(identity_token="refresh")),
        ("none.example", ANONYMOUS),
        ("registry-1.docker.io", Credentials("hub", "s3cret")),
    ],
)
def test_a_helper_for_all(helper: Path, host: str, expected: Credentials) -> None:
    assert source(helper, {"credsStore": "fake", "auths": AUTHS}).credentials(host) == expected


def test_a_helper_for_one_registry_comes_before_the_one_for_all(helper: Path) -> None:
    config = {"credsStore": "absent", "credHelpers": {"good.example": "fake"}, "auths": AUTHS}
    assert source(helper, config).credentials("good.example") == Credentials("helped", "s3cret")


def test_the_variable_comes_first(helper: Path) -> None:
    given = json.dumps({"auths": {"good.example": {"auth": encoded("env:var")}}})
    found = source(helper, {"credsStore": "fake"}, DOCKER_AUTH_CONFIG=given)
    assert found.credentials("good.example") == Credentials("env", "var")
    assert found.credentials("token.example") == Credentials(identity_token="refresh")


@pytest.mark.parametrize(
    ("config", "host", "said"),
    [
        ({"credsStore": "absent"}, "x", "docker-credential-absent"),
        ({"credsStore": "fake"}, "locked.example", "keychain is locked"),
        ({"credsStore": "fake"}, "silly.example", "docker-credential-fake"),
    ],
)
def test_what_is_broken_is_named_but_never_shown(helper: Path, config: Any, host: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        source(helper, config).credentials(host)
    assert said in str(caught.value)
    shown = f"{caught.value} {caught.value.hint} {caught.value.__cause__!r}"
    assert "s3cret" not in shown


def test_secrets_are_not_in_the_repr() -> None:
    assert "secret" not in repr(Credentials("user", "secret", "secret", "secret"))


def test_a_helper_s_answer_counts_for_some_minutes(helper: Path) -> None:
    now = [0.0]
    (helper / "config.json").write_text('{"credsStore": "fake"}')
    environment = {"PATH": f"{helper}:{os.environ['PATH']}"}
    found = DockerCredentials(str(helper), environment, clock=lambda: now[0])
    assert found.credentials("good.example").password == "s3cret"
    (helper / "docker-credential-fake").write_text('#!/bin/sh\necho \'{"Username": "new"}\'\n')
    now[0] = 289
    assert found.credentials("good.example").username == "helped"
    now[0] = 290
    assert found.credentials("good.example").username == "new"


def test_a_helper_that_does_not_answer_is_ended(helper: Path) -> None:
    (helper / "docker-credential-fake").write_text("#!/bin/sh\necho s3cret; exec sleep 600\n")
    (helper / "config.json").write_text('{"credsStore": "fake"}')
    environment = {"PATH": f"{helper}:{os.environ['PATH']}"}
    found = DockerCredentials(str(helper), environment, times=HelperTimes(patience=0.05))
    with pytest.raises(UsageError, match="does not answer; `docker-credential-fake`") as caught:
        found.credentials("good.example")
    assert "s3cret" not in f"{caught.value} {caught.value.__cause__!r}"


SCOPED = (
    "reg.example",
    "reg.example@push",
    "reg.example/team/app",
    "reg.example/team/app@pull,push",
    "other",
)


@pytest.mark.parametrize(
    ("scopes", "expected"),
    [
        ((), "docker"),
        (("repository:lib/x:pull",), "reg.example"),
        (("repository:lib/x:pull,push",), "reg.example@push"),
        (("repository:team/app:pull",), "reg.example/team/app"),
        (("repository:team/app:pull,push",), "reg.example/team/app@pull,push"),
        (("repository:team/app:pull repository:lib/x:pull",), "docker"),
    ],
)
def test_a_configuration_for_part_of_a_registry(
    tmp_path: Path, scopes: tuple[str, ...], expected: str
) -> None:
    for name in SCOPED:
        folder = tmp_path / "buildx" / "config" / name
        folder.mkdir(parents=True)
        auths = {"reg.example": {"username": name, "password": "p"}}
        (folder / "config.json").write_text(json.dumps({"auths": auths}))
    docker = {"auths": {"reg.example": {"username": "docker", "password": "p"}}}
    (tmp_path / "config.json").write_text(json.dumps(docker))
    found = DockerCredentials(str(tmp_path), {}, str(tmp_path / "buildx"))
    assert found.credentials("reg.example", scopes).username == expected
