"""A BuildKit endpoint as a `remote` builder has it: each connection goes on to an Engine's `/grpc`."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Self

UPGRADE = b"POST /grpc HTTP/1.1\r\nHost: engine\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"


class Relay:
    """Listens on a loopback port, or on a unix socket when `path` is given; `endpoint` is its address."""

    def __init__(self, engine: Path, path: Path | None = None) -> None:
        """`engine` is the Engine API's unix socket."""
        self.engine = engine
        self.path = path
        self._open: set[socket.socket] = set()

    def __enter__(self) -> Self:
        if self.path:
            self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self._listener.bind(str(self.path))
            self.endpoint = f"unix://{self.path}"
        else:
            self._listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            self._listener.bind(("127.0.0.1", 0))
            self.endpoint = f"tcp://127.0.0.1:{self._listener.getsockname()[1]}"
        self._listener.listen()
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        # A close alone does not wake a thread that waits in accept.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()
        if self.path:
            self.path.unlink(missing_ok=True)

    def cut(self) -> None:
        """Break every connection, as a network does."""
        for end in list(self._open):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(near,), daemon=True).start()

    def _serve(self, near: socket.socket) -> None:
        with near, socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as far:
            self._open |= {near, far}
            with contextlib.suppress(OSError):
                far.connect(str(self.engine))
                far.sendall(UPGRADE)
                _switched(far)
                back = threading.Thread(target=_pump, args=(far, near), daemon=True)
                back.start()
                _pump(near, far)
                back.join()
            self._open -= {near, far}


def _switched(far: socket.socket) -> None:
    """Read the answer's head, byte by byte: what follows it belongs to HTTP/2."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        byte = far.recv(1)
        if not byte:
            raise ConnectionError("the engine closed the connection")
        head += byte
    if b" 101 " not in head.split(b"\r\n", 1)[0]:
        raise ConnectionError(f"the engine refused: {head!r}")


def _pump(source: socket.socket, sink: socket.socket) -> None:
    """Copy until `source` ends, then say so to `sink`."""
    with contextlib.suppress(OSError):
        while data := source.recv(1 << 16):
            sink.sendall(data)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)
