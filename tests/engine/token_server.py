"""The authorization server of a registry, on loopback: it signs tokens for the users that it knows.

It speaks OAuth's POST and the older GET, and keeps what it was asked in `requests`. The registry is told
to believe its certificate.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from pathlib import Path

SERVICE, ISSUER = "registry.test", "issuer.test"
USER, PASSWORD, REFRESH = "baker", "a word that only two know", "a token that lasts"


@dataclass(frozen=True)
class Asked:
    """One request for a token: how, by which program, for what, and as whom ("" for nobody)."""

    method: str
    agent: str
    scopes: tuple[str, ...]
    user: str
    granted: bool


@dataclass
class TokenServer:
    """A context manager; `folder` takes key and certificate. `oauth` says whether it knows POST."""

    folder: Path
    oauth: bool = True
    requests: list[Asked] = field(default_factory=list)

    def __enter__(self) -> TokenServer:
        self._openssl(
            *("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={ISSUER}", "-days", "2"),
            *("-keyout", str(self.folder / "key.pem"), "-out", str(self.folder / "cert.pem")),
        )
        self._chain = base64.b64encode(
            self._openssl("x509", "-in", str(self.folder / "cert.pem"), "-outform", "der")
        )
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def settings(self) -> dict[str, object]:
        """The section `auth` of a registry's configuration."""
        return {
            "token": {
                "realm": f"http://127.0.0.1:{self._server.server_port}/token",
                "service": SERVICE,
                "issuer": ISSUER,
                "rootcertbundle": str(self.folder / "cert.pem"),
            }
        }

    def answer(self, method: str, agent: str, form: dict[str, list[str]], basic: str) -> tuple[int, Any]:
        """The status and the fields of an answer; anonymous users may pull what is below `public/`."""
        if method == "POST" and not self.oauth:
            return 405, {}
        given = form.get("password", [""])[0], form.get("refresh_token", [""])[0]
        user = form.get("username", [""])[0] if given[0] else ""
        if basic:
            user, _, password = base64.b64decode(basic).decode().partition(":")
            given = (password, "") if user else ("", password)
        known = (user, *given) in {(USER, PASSWORD, ""), ("", "", REFRESH)}
        anonymous = given == ("", "")
        scopes = tuple(" ".join(form.get("scope", [])).split())
        self.requests.append(Asked(method, agent, scopes, user or ("token" if given[1] else ""), known))
        if not known and not anonymous:
            return 401, {"error": "invalid_grant", "error_description": f"not good: {given}"}
        access = [_access(scope, anonymous=anonymous) for scope in scopes]
        name = "access_token" if method == "POST" else "token"
        return 200, {name: self._token([one for one in access if one]), "expires_in": 600}

    def _token(self, access: list[dict[str, Any]]) -> str:
        now = int(time.time())
        claims = {"iss": ISSUER, "sub": "", "aud": SERVICE, "exp": now + 600, "nbf": now - 10, "iat": now}
        claims |= {"jti": os.urandom(8).hex(), "access": access}
        header = {"typ": "JWT", "alg": "RS256", "x5c": [self._chain.decode()]}
        signed = f"{_part(json.dumps(header).encode())}.{_part(json.dumps(claims).encode())}"
        key = str(self.folder / "key.pem")
        signature = self._openssl("dgst", "-sha256", "-sign", key, given=signed.encode())
        return f"{signed}.{_part(signature)}"

    def _openssl(self, *words: str, given: bytes = b"") -> bytes:
        return subprocess.run(["openssl", *words], input=given, capture_output=True, check=True).stdout

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._answer("GET", parse_qs(urlsplit(self.path).query))

            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                self._answer("POST", parse_qs(self.rfile.read(length).decode()))

            def _answer(self, method: str, form: dict[str, list[str]]) -> None:
                basic = self.headers.get("Authorization", "").removeprefix("Basic ")
                status, fields = server.answer(method, self.headers["User-Agent"], form, basic)
                body = json.dumps(fields).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        return Handler


def _access(scope: str, *, anonymous: bool) -> dict[str, Any] | None:
    kind, name, actions = scope.split(":")
    wanted = actions.split(",")
    allowed = ["pull"] if anonymous and name.startswith("public/") else [] if anonymous else wanted
    return {"type": kind, "name": name, "actions": [one for one in wanted if one in allowed]}


def _part(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
