"""Against a server on loopback that answers as it is told and keeps what it was asked."""

from __future__ import annotations

import json
import shutil
import ssl
import subprocess
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

from bake.buildkit.credentials import ANONYMOUS, Credentials
from bake.buildkit.registry_tokens import Challenge, fetch
from bake.errors import UsageError
from tests.fakes.serving import answering

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PASSWORD = Credentials("me", "s3cret")
IDENTITY = Credentials(identity_token="s3cret")


class Server(ThreadingHTTPServer):
    """`answers` by method: status and body; `asked` is method, path, query or form, and authorization."""

    answers: dict[str, tuple[int, Any]]
    asked: list[tuple[str, str, dict[str, list[str]], str]]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def challenge(self, path: str = "/token?a=b") -> Challenge:
        return Challenge("reg.example", f"{self.url}{path}", "service", ("repository:a:pull", "other"))


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.answer(parse_qs(urlsplit(self.path).query))

    def do_POST(self) -> None:
        self.answer(parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode()))

    def answer(self, fields: dict[str, list[str]]) -> None:
        path = urlsplit(self.path).path
        self.server.asked.append((self.command, path, fields, self.headers.get("Authorization", "")))
        status, body = self.server.answers.get(path) or self.server.answers[self.command]
        self.send_response(status)
        if status == 302:
            self.send_header("Location", body)
        self.end_headers()
        self.wfile.write(body if isinstance(body, bytes) else json.dumps(body).encode())

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    with answering(Server(("127.0.0.1", 0), Handler)) as running:
        running.answers, running.asked = {}, []
        yield running


def test_nobody_asks_with_get(server: Server) -> None:
    server.answers["GET"] = 200, {"token": "t", "issued_at": "1970-01-01T00:01:40.5Z"}
    found = fetch(server.challenge(), ANONYMOUS, {})
    assert (found.value, found.expires_in, found.issued_at) == ("t", 60, 100)
    fields = {"a": ["b"], "service": ["service"], "scope": ["repository:a:pull", "other"]}
    assert server.asked == [("GET", "/token", fields, "")]
    assert "'t'" not in repr(found)


@pytest.mark.parametrize(
    ("credentials", "fields"),
    [
        (PASSWORD, {"grant_type": ["password"], "username": ["me"], "password": ["s3cret"]}),
        (IDENTITY, {"grant_type": ["refresh_token"], "refresh_token": ["s3cret"]}),
    ],
)
def test_a_user_asks_by_oauth(server: Server, credentials: Credentials, fields: dict[str, list[str]]) -> None:
    server.answers["POST"] = 200, {"access_token": "t", "expires_in": 300}
    found = fetch(server.challenge(), credentials, {})
    assert (found.value, found.expires_in, found.issued_at) == ("t", 300, 0)
    common = {
        "service": ["service"],
        "client_id": ["buildkit-client"],
        "scope": ["repository:a:pull other"],
    }
    assert server.asked == [("POST", "/token", common | fields, "")]


@pytest.mark.parametrize(
    ("status", "credentials", "methods"),
    [
        (404, PASSWORD, ["POST", "GET"]),
        (401, IDENTITY, ["POST", "GET"]),
        (405, PASSWORD, ["POST", "GET"]),
        (405, IDENTITY, ["POST"]),
        (500, PASSWORD, ["POST"]),
    ],
)
def test_servers_without_oauth(
    server: Server, status: int, credentials: Credentials, methods: list[str]
) -> None:
    server.answers = {"POST": (status, {}), "GET": (200, {"token": "t"})}
    if methods[-1] == "GET":
        assert fetch(server.challenge(), credentials, {}).value == "t"
        assert server.asked[-1][3].startswith("Basic ")
    else:
        with pytest.raises(UsageError, match=f"{status}"):
            fetch(server.challenge(), credentials, {})
    assert [asked[0] for asked in server.asked] == methods


def test_credentials_do_not_follow_a_redirect(server: Server) -> None:
    server.answers = {
        "POST": (404, {}),
        "GET": (302, f"{server.url}/elsewhere"),
        "/elsewhere": (200, {"token": "t"}),
    }
    assert fetch(server.challenge(), PASSWORD, {}).value == "t"
    followed = [(method, path, bool(authorization)) for method, path, _, authorization in server.asked]
    assert followed == [("POST", "/token", False), ("GET", "/token", True), ("GET", "/elsewhere", False)]


def test_a_bearer_token_needs_no_server() -> None:
    assert fetch(Challenge("h", "http://127.0.0.1:1/"), Credentials(registry_token="t"), {}).value == "t"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((200, b"<html>"), "no JSON object"),
        ((200, {}), "did not include a token"),
        ((403, {"errors": [{"code": "DENIED", "message": "no s3cret here"}]}), "403 Forbidden (no … here)"),
        ((400, {"error": "invalid_grant"}), "docker login reg.example"),
        ((429, {"details": "too many"}), "429 Too Many Requests (too many)"),
    ],
)
def test_refusals_are_explained_without_the_secret(
    server: Server, answer: tuple[int, Any], said: str
) -> None:
    server.answers = {"POST": answer, "GET": answer}
    with pytest.raises(UsageError) as caught:
        fetch(server.challenge(), PASSWORD, {})
    assert caught.value.summary == "failed to fetch oauth token for reg.example"
    assert said in caught.value.detail
    assert "s3cret" not in f"{caught.value} {caught.value.__cause__!r}"


def test_a_server_that_nobody_runs() -> None:
    with pytest.raises(UsageError, match=r"failed to fetch anonymous token for h; .*refused"):
        fetch(Challenge("h", "http://127.0.0.1:1/token"), ANONYMOUS, {})


def test_a_proxy_is_used_unless_the_host_is_left_out(server: Server) -> None:
    server.answers["GET"] = 200, {"token": "by proxy"}
    challenge = Challenge("h", "http://registry.test/token")
    assert fetch(challenge, ANONYMOUS, {"HTTP_PROXY": server.url}).value == "by proxy"
    with pytest.raises(UsageError):
        fetch(challenge, ANONYMOUS, {"http_proxy": server.url, "NO_PROXY": "registry.test"})


@pytest.mark.skipif(shutil.which("openssl") is None, reason="OpenSSL's program makes the certificate")
def test_a_certificate_that_is_not_trusted(server: Server, tmp_path: Path) -> None:
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=x", "-days", "2"]
    files = ["-keyout", str(tmp_path / "key"), "-out", str(tmp_path / "certificate")]
    subprocess.run([*made, *files], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "certificate", tmp_path / "key")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    with pytest.raises(UsageError, match="BUILDKIT_NO_CLIENT_TOKEN=1 leaves it to BuildKit"):
        fetch(Challenge("h", server.url.replace("http:", "https:")), ANONYMOUS, {})
