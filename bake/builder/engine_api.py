"""The few calls to a Docker Engine's own API that a build needs: HTTP/1.1 over a byte pipe.

Takes an `Address`; each call is one connection. Its rule: an answer that is no success is a BuilderError
with the Engine's own words. `http.client` knows no ssh pipes, and costs more to import than this is long.
"""

from __future__ import annotations

import json
from dataclasses import field
from typing import TYPE_CHECKING, Any

from bake.buildkit.endpoint import unreachable
from bake.errors import BuilderError
from bake.record import record

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bake.buildkit.endpoint import Address
    from bake.buildkit.pipe import Pipe
    from bake.buildkit.stream import Buffer


NOT_FOUND = 404


class RefusedError(BuilderError):
    """The engine's answer was no success but `status`."""

    def __init__(self, address: Address, reply: Reply) -> None:
        super().__init__("The engine refused", detail=f"`{address.name}`: {_words(reply)} ({reply.status})")
        self.status = reply.status


@record
class Reply:
    """An Engine's answer: the status code, the headers (names in lower case) and the whole body."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def json(self) -> Any:
        """The body. Raises BuilderError if it is no JSON."""
        try:
            return json.loads(self.body)
        except ValueError as exc:
            raise BuilderError("The engine's answer cannot be read", detail=str(exc)) from exc

    def messages(self) -> Iterator[dict[str, Any]]:
        """The JSON objects of a stream of progress, one after the other."""
        for line in self.body.splitlines():
            if line.strip():
                yield json.loads(line)


class EngineApi:
    """One Engine. Any thread may call any method."""

    def __init__(self, address: Address) -> None:
        self.address = address

    def get(self, path: str) -> Reply:
        """Raises BuilderError, RefusedError for what the engine will not do."""
        return self.call("GET", path)

    def post(self, path: str, document: object) -> Reply:
        """A POST of a JSON document. Raises BuilderError, RefusedError."""
        body = json.dumps(document).encode()
        headers = {"Content-Type": "application/json", "Content-Length": str(len(body))}
        return Request(self.address, "POST", path, headers, body).reply()

    def call(self, method: str, path: str, headers: Mapping[str, str] | None = None) -> Reply:
        """One request without a body. Raises BuilderError."""
        request = Request(self.address, method, path, {**(headers or {}), "Content-Length": "0"})
        return request.reply()

    def upload(self, path: str, content_type: str) -> Request:
        """A POST whose body is written piece by piece. Raises BuilderError."""
        return Request(
            self.address, "POST", path, {"Content-Type": content_type, "Transfer-Encoding": "chunked"}
        )

    def image_store(self) -> str:
        """`containerd` or `graphdriver`. Raises BuilderError."""
        for key, value in self.get("/info").json().get("DriverStatus") or ():
            if key == "driver-type" and value == "io.containerd.snapshotter.v1":
                return "containerd"
        return "graphdriver"


class Request:
    """One HTTP request being made."""

    def __init__(
        self, address: Address, method: str, path: str, headers: Mapping[str, str], body: bytes = b""
    ) -> None:
        self._address = address
        lines = [f"{method} {path} HTTP/1.1", "Host: docker", "Connection: close"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        try:
            self._pipe: Pipe = address.dial()
            self._pipe.sendv(["\r\n".join([*lines, "", ""]).encode() + body])
        except OSError as exc:
            raise unreachable(address, exc) from exc

    def write(self, data: Buffer) -> None:
        """One chunk of the body. Raises BuilderError; then `reply` may tell why."""
        size = memoryview(data).nbytes
        if size:
            self._send(f"{size:x}\r\n".encode(), data, b"\r\n")

    def end(self) -> None:
        """The body is complete."""
        self._send(b"0\r\n\r\n")

    def _send(self, *buffers: Buffer) -> None:
        try:
            self._pipe.sendv(buffers)
        except OSError as exc:
            raise unreachable(self._address, exc) from exc

    def reply(self) -> Reply:
        """The answer, and the connection's end. Raises BuilderError."""
        try:
            data = b"".join(iter(self._pipe.recv, b""))
        except OSError as exc:
            raise unreachable(self._address, exc) from exc
        finally:
            self.close()
        reply = parse(data)
        if not 200 <= reply.status < 300:
            raise RefusedError(self._address, reply)
        return reply

    def close(self) -> None:
        self._pipe.close()


def parse(data: bytes) -> Reply:
    """A whole HTTP/1.1 answer. Raises BuilderError."""
    head, separator, body = data.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    words = lines[0].split(" ", 2)
    if not separator or len(words) < 2 or not words[1].isdecimal():
        raise BuilderError("Not a Docker Engine", detail="it answered no HTTP")
    pairs = (line.partition(":") for line in lines[1:])
    headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
    if headers.get("transfer-encoding", "").lower() == "chunked":
        body = b"".join(_chunks(body))
    return Reply(int(words[1]), headers, body)


def _chunks(body: bytes) -> Iterator[bytes]:
    at = 0
    while (end := body.find(b"\r\n", at)) >= 0:
        try:
            size = int(body[at:end].partition(b";")[0], 16)
        except ValueError:
            return
        if not size:
            return
        yield body[end + 2 : end + 2 + size]
        at = end + 4 + size


def _words(reply: Reply) -> str:
    try:
        return str(json.loads(reply.body)["message"])
    except (ValueError, KeyError, TypeError):
        return reply.body[:200].decode(errors="replace").strip()
