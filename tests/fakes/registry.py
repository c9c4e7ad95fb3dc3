"""A registry in memory on a loopback port: as much of the distribution specification as clients need, and
whatever else a test wants it to do first."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from tests.fakes.serving import answering

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

USER, PASSWORD, TOKEN = "me", "open sesame", "a-token"


@dataclass
class Asked:
    """One request, as it came."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes = b""


@dataclass
class Answer:
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass
class FakeRegistry:
    """`first` is asked before the registry itself: an answer of its own ends the request."""

    address: str = ""
    blobs: dict[tuple[str, str], bytes] = field(default_factory=dict)
    manifests: dict[tuple[str, str], tuple[str, bytes]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    first: Callable[[Asked], Answer | None] = lambda _asked: None
    mounts: bool = True
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def put_manifest(self, repository: str, tag: str, media_type: str, data: bytes) -> str:
        digest = digest_of(data)
        self.manifests[repository, tag] = self.manifests[repository, digest] = (media_type, data)
        return digest

    def answer(self, asked: Asked) -> Answer:
        with self._lock:
            self.asked.append(asked)
        return self.first(asked) or self._own(asked)

    def methods(self) -> list[str]:
        return [f"{one.method} {one.path}" for one in self.asked]

    def _own(self, asked: Asked) -> Answer:
        found = re.fullmatch(r"/v2/(.+?)/(manifests|blobs|referrers)/(.*)", asked.path)
        if not found:
            return Answer(404)
        repository, kind, name = found.groups()
        if asked.method in ("GET", "HEAD"):
            return self._read(repository, kind, name)
        if kind == "manifests":
            media_type = asked.headers["content-type"]
            digest = self.put_manifest(repository, name, media_type, asked.body)
            return Answer(201, {"Docker-Content-Digest": digest})
        if asked.method == "POST":
            return self._begin(repository, asked)
        (digest,) = asked.query["digest"]
        if digest != digest_of(asked.body):
            return Answer(400, body=b'{"errors":[{"code":"DIGEST_INVALID","message":"wrong digest"}]}')
        self.blobs[repository, digest] = asked.body
        return Answer(201)

    def _read(self, repository: str, kind: str, name: str) -> Answer:
        if kind == "manifests" and (repository, name) in self.manifests:
            media_type, data = self.manifests[repository, name]
            headers = {"Content-Type": media_type, "Docker-Content-Digest": digest_of(data)}
            return Answer(200, headers, data)
        if kind == "blobs" and (repository, name) in self.blobs:
            return Answer(200, {}, self.blobs[repository, name])
        return Answer(404)

    def _begin(self, repository: str, asked: Asked) -> Answer:
        mount, origin = (asked.query.get(name, [""])[0] for name in ("mount", "from"))
        if self.mounts and (origin, mount) in self.blobs:
            self.blobs[repository, mount] = self.blobs[origin, mount]
            return Answer(201)
        return Answer(202, {"Location": f"/v2/{repository}/blobs/uploads/1?state=x"})


def digest_of(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def basic(asked: Asked) -> Answer | None:
    """Wants USER and PASSWORD."""
    pair = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    if asked.headers.get("authorization") == f"Basic {pair}":
        return None
    return Answer(401, {"WWW-Authenticate": 'Basic realm="here"'})


@dataclass
class TokenServer:
    """Makes a registry want bearer tokens, which it gives away itself at /token; `scopes` were asked for."""

    registry: FakeRegistry
    life: int = 300
    scopes: list[list[str]] = field(default_factory=list)
    forms: list[dict[str, list[str]]] = field(default_factory=list)
    given: set[str] = field(default_factory=set)

    def __call__(self, asked: Asked) -> Answer | None:
        if asked.path == "/token":
            return self._give(asked)
        if asked.headers.get("authorization", "").removeprefix("Bearer ") in self.given:
            return None
        challenge = (
            f'Bearer realm="http://{self.registry.address}/token",service="fake",scope="repository:x:pull"'
        )
        return Answer(401, {"WWW-Authenticate": challenge})

    def _give(self, asked: Asked) -> Answer:
        if asked.method == "GET" and basic(asked) is not None:
            return Answer(401)
        self.scopes.append(sorted(asked.query.get("scope", [])))
        self.forms.append(parse_qs(asked.body.decode()))
        token = f"{TOKEN}-{len(self.scopes)}"
        self.given.add(token)
        fields = {"token": token, "access_token": token, "expires_in": self.life}
        return Answer(200, body=json.dumps(fields).encode())


@contextmanager
def serving(registry: FakeRegistry | None = None) -> Iterator[FakeRegistry]:
    """A registry that answers at its `address`."""
    registry = registry or FakeRegistry()
    known = registry

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            parts = urlsplit(self.path)
            length = int(self.headers.get("Content-Length") or 0)
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked = Asked(self.command, parts.path, parse_qs(parts.query), headers, self.rfile.read(length))
            answer = known.answer(asked)
            self.send_response(answer.status)
            for name, value in {"Content-Length": str(len(answer.body)), **answer.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(answer.body)

        do_GET = do_HEAD = do_PUT = do_POST = _answer  # noqa: N815 - the library's names

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    registry.address = f"127.0.0.1:{server.server_address[1]}"
    with answering(server):
        yield registry
