"""A BuildKit endpoint as a `remote` builder has it: each connection goes on to an Engine's `/grpc`.

On demand it is a bad network too: it cuts, delays or corrupts what passes, at a chosen byte.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Self

UPGRADE = b"POST /grpc HTTP/1.1\r\nHost: engine\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"


class Harm(Enum):
    """What happens to a connection."""

    CUT = "cut"
    DELAY = "delay"
    HOLD = "hold"
    CORRUPT = "corrupt"


@dataclass(frozen=True)
class Disturbance:
    """`harm` at the byte number `at` of all that passes in one direction from now on; once.

    A delay holds that connection's direction up for `seconds`, a hold until `go_on`; what is corrupted are
    `width` bytes.
    """

    harm: Harm
    at: int
    to_engine: bool = True
    seconds: float = 0.5
    width: int = 16


class Relay:
    """Listens on a loopback port, or on a unix socket when `path` is given; `endpoint` is its address."""

    def __init__(self, engine: Path, path: Path | None = None) -> None:
        """`engine` is the Engine API's unix socket."""
        self.engine = engine
        self.path = path
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._disturbance: Disturbance | None = None
        self._passed = 0
        self.held = threading.Event()
        self._going_on = threading.Event()

    def go_on(self) -> None:
        """Let pass what is held up."""
        self._going_on.set()

    def disturb(self, disturbance: Disturbance) -> None:
        """Have this happen to what passes from now on."""
        self.held.clear()
        self._going_on.clear()
        with self._lock:
            self._disturbance, self._passed = disturbance, 0

    @property
    def is_calm(self) -> bool:
        """Whether no disturbance is still to come."""
        return self._disturbance is None

    def calm(self) -> None:
        """Let everything pass."""
        with self._lock:
            self._disturbance = None

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
        self.go_on()
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
                back = threading.Thread(target=self._pump, args=(far, near, False), daemon=True)
                back.start()
                self._pump(near, far, True)
                back.join()
            self._open -= {near, far}

    def _pump(self, source: socket.socket, sink: socket.socket, to_engine: bool) -> None:
        """Copy until `source` ends, then say so to `sink`."""
        with contextlib.suppress(OSError):
            while data := source.recv(1 << 16):
                sink.sendall(self._pass(data, to_engine))
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_WR)

    def _pass(self, data: bytes, to_engine: bool) -> bytes:
        """What becomes of `data` on its way."""
        with self._lock:
            wanted = self._disturbance
            if wanted is None or wanted.to_engine != to_engine:
                return data
            at = wanted.at - self._passed
            self._passed += len(data)
            if at >= len(data):
                return data
            self._disturbance = None
        if wanted.harm is Harm.CUT:
            self.cut()
        elif wanted.harm is Harm.DELAY:
            time.sleep(wanted.seconds)
        elif wanted.harm is Harm.HOLD:
            self.held.set()
            self._going_on.wait()
        else:
            end = min(at + wanted.width, len(data))
            return data[:at] + bytes(byte ^ 0x55 for byte in data[at:end]) + data[end:]
        return data


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
