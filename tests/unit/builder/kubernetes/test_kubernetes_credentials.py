from __future__ import annotations

import base64
import json
import os
import sys
from typing import TYPE_CHECKING, Any

import pytest

from bake.builder.kubernetes.credentials import GROUP, Identity, identify
from bake.builder.kubernetes.kubeconfig import Entry
from bake.errors import BuilderError
from bake.host import Host

if TYPE_CHECKING:
    from pathlib import Path

PLUGIN = """\
#!{python}
import json, os, sys
{body}
"""


def identity(user: dict[str, Any], host: Host | None = None) -> Identity:
    return identify(Entry("context `c`", {"server": "https://s"}, user), host or Host())


def plugin(folder: Path, body: str, **more: Any) -> dict[str, Any]:
    path = folder / "plugin"
    path.write_text(PLUGIN.format(python=sys.executable, body=body))
    path.chmod(0o755)
    return {"exec": {"apiVersion": f"{GROUP}v1", "command": str(path), **more}}


def machine() -> Host:
    return Host(environment={"PATH": os.environ["PATH"]})


def test_tokens_and_passwords() -> None:
    assert identity({"token": "t"}).authorization == "Bearer t"
    assert identity({"username": "u", "password": "p"}).authorization == "Basic dTpw"
    assert identity({"client-certificate": "/c", "client-key": "/k"}).authorization == ""
    assert "secret" not in repr(identity({"token": "secret"}))


def test_a_tokens_file_comes_before_a_token() -> None:
    host = Host(read=lambda path: f"of {path}\n".encode())
    assert identity({"token": "t", "tokenFile": "/token"}, host).token == "of /token"
    with pytest.raises(BuilderError, match="token cannot be read") as raised:
        identity({"tokenFile": "/gone"})
    assert "`/gone`" in raised.value.detail


def test_a_plugins_token(tmp_path: Path) -> None:
    body = """
info = json.loads(os.environ["KUBERNETES_EXEC_INFO"])
assert info["kind"] == "ExecCredential" and not info["spec"]["interactive"]
token = "-".join([info["apiVersion"], info["spec"]["cluster"]["server"], os.environ["WHO"], *sys.argv[1:]])
print(json.dumps({"status": {"token": token}}))
"""
    user = plugin(
        tmp_path, body, args=["get", "token"], env=[{"name": "WHO", "value": "me"}], provideClusterInfo=True
    )
    assert identity(user, machine()).token == f"{GROUP}v1-https://s-me-get-token"


def test_a_plugins_certificate(tmp_path: Path) -> None:
    status = {"status": {"clientCertificateData": "PEM", "clientKeyData": "KEY"}}
    found = identity(plugin(tmp_path, f"print({json.dumps(status)!r})"), machine())
    assert base64.b64decode(found.certificate_data) == b"PEM"
    assert base64.b64decode(found.key_data) == b"KEY"
    assert found.authorization == ""


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("sys.exit('log in again')", "log in again"),
        ("sys.exit(4)", "exit code 4"),
        ("print('hello')", "no ExecCredential"),
        ("print('{}')", "no ExecCredential"),
        ("""print('{"status": {}}')""", "neither a token nor a certificate"),
    ],
)
def test_plugins_that_fail(tmp_path: Path, body: str, told: str) -> None:
    with pytest.raises(BuilderError, match="plugin failed") as raised:
        identity(plugin(tmp_path, body), machine())
    assert told in raised.value.detail
    assert "kubectl get pods" in str(raised.value.hint)


def test_plugins_that_are_not_there() -> None:
    user = {
        "exec": {"apiVersion": f"{GROUP}v1beta1", "command": "no-such-plugin", "installHint": "get it\nthere"}
    }
    with pytest.raises(BuilderError, match="plugin failed") as raised:
        identity(user, machine())
    assert "no such command" in raised.value.detail
    assert raised.value.hint == "get it there"


@pytest.mark.parametrize("user", [{"exec": {"command": "x"}}, {"exec": {"apiVersion": f"{GROUP}v1"}}])
def test_plugins_that_nobody_knows_how_to_ask(user: dict[str, Any]) -> None:
    with pytest.raises(BuilderError, match="plugin cannot be used"):
        identity(user)


def test_what_kubernetes_gave_up() -> None:
    with pytest.raises(BuilderError, match="user cannot be used") as raised:
        identity({"auth-provider": {"name": "gcp"}})
    assert "1.26" in raised.value.detail
