"""A registry with a bad day: a proxy before a real one that answers some requests with faults of its own."""

from __future__ import annotations

import contextlib
import http.client
import re
import socket
import struct
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Self

RESET = 0
"""In place of a status: the connection is reset in the middle of the request's body."""
PIECE = 1 << 16


@dataclass
class Fault:
    """`status` for the next `times` requests whose `METHOD path` matches `pattern`; None: for all of them."""

    pattern: str
    status: int
    times: int | None = 1

    def befalls(self, request: str) -> bool:
        if self.times == 0 or not re.search(self.pattern, request):
            return False
        if self.times is not None:
            self.times -= 1
        return True


@dataclass
class FaultyRegistry:
    """Listens on a loopback port before the registry at `behind`. `requests` are those that came, in order,
    each `METHOD path`; `writes` those among them that were let through and change something."""

    behind: str
    faults: list[Fault] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    writes: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.faulty = self
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def fault(self, request: str) -> Fault | None:
        """Note a request; the fault that befalls it, if one does."""
        with self._lock:
            self.requests.append(request)
            found = next((one for one in self.faults if one.befalls(request)), None)
            if found is None and not request.startswith(("GET", "HEAD")):
                self.writes.append(request)
            return found


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    faulty: FaultyRegistry


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    raw_requestline: bytes
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass

    def parse_request(self) -> bool:
        """A client that tries TLS first is told so, as Go's server does: it then speaks HTTP."""
        if self.raw_requestline.startswith(b"\x16\x03"):
            self.wfile.write(b"HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTPS request.\n")
            self.close_connection = True
            return False
        return super().parse_request()

    def _serve(self) -> None:
        fault = self.server.faulty.fault(f"{self.command} {self.path}")
        if fault is None:
            self._forward()
        elif fault.status == RESET:
            self._reset()
        else:
            for _ in self._body():
                pass
            self._refuse(fault.status)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = _serve  # noqa: N815 - http.server's names

    def _reset(self) -> None:
        next(self._body(), b"")
        # with a linger time of 0 the kernel sends RST
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.shutdown(socket.SHUT_RD)
        self.connection.close()
        self.close_connection = True
        self.wfile = self.rfile = _Nowhere()  # type: ignore[assignment]

    def _refuse(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _forward(self) -> None:
        connection = http.client.HTTPConnection(self.server.faulty.behind, timeout=60)
        try:
            connection.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():
                connection.putheader(name, value)
            connection.endheaders()
            for piece in self._body():
                if self._is_chunked:
                    connection.send(b"%x\r\n%b\r\n" % (len(piece), piece))
                else:
                    connection.send(piece)
            if self._is_chunked:
                connection.send(b"0\r\n\r\n")
            self._answer(connection.getresponse())
        finally:
            connection.close()

    def _answer(self, answer: http.client.HTTPResponse) -> None:
        body = answer.read()
        self.send_response_only(answer.status, answer.reason)
        for name, value in answer.getheaders():
            if name.lower() not in ("transfer-encoding", "connection"):
                self.send_header(name, value)
        if answer.getheader("Content-Length") is None:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with contextlib.suppress(OSError):
            self.wfile.write(body)

    @property
    def _is_chunked(self) -> bool:
        return "chunked" in self.headers.get("Transfer-Encoding", "")

    def _body(self) -> Iterator[bytes]:
        """The request's body, piece by piece."""
        if self._is_chunked:
            while size := int(self.rfile.readline().split(b";")[0], 16):
                yield self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return
        left = int(self.headers.get("Content-Length") or 0)
        while left:
            piece = self.rfile.read(min(left, PIECE))
            left -= len(piece)
            yield piece


class _Nowhere:
    """A stream that has ended."""

    closed = False

    def write(self, _data: bytes) -> int:
        return 0

    def readline(self, *_: object) -> bytes:
        return b""

    def flush(self) -> None: ...

    def close(self) -> None: ...
