"""TLS before an endpoint, as a BuildKit or an Engine that is reached over a network has it."""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Self

    from tests.engine.certificates import Authority, Pair


class Secured:
    """Listens on a loopback port; `endpoint` is its address. `clients` signs those that may come in."""

    def __init__(
        self, behind: str, pair: Pair, clients: Authority | None = None, protocol: str = "h2"
    ) -> None:
        """`behind` is the `tcp://` or `unix://` endpoint that connections go on to, and speaks `protocol`."""
        self._behind = behind
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(pair.cert, pair.key)
        self._context.set_alpn_protocols([protocol])
        if clients:
            self._context.verify_mode = ssl.CERT_REQUIRED
            self._context.load_verify_locations(clients.cert)

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.endpoint = f"tcp://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(near,), daemon=True).start()

    def _serve(self, plain: socket.socket) -> None:
        with (
            plain,
            contextlib.suppress(OSError),
            _connected(self._behind) as far,
            self._context.wrap_socket(plain, server_side=True) as near,
        ):
            _carry(near, far)


def _connected(endpoint: str) -> socket.socket:
    if endpoint.startswith("unix://"):
        sock = socket.socket(socket.AF_UNIX)
        sock.connect(endpoint.removeprefix("unix://"))
        return sock
    host, _, port = endpoint.removeprefix("tcp://").partition(":")
    return socket.create_connection((host, int(port)))


def _carry(near: ssl.SSLSocket, far: socket.socket) -> None:
    """Both directions in one thread: OpenSSL's objects are not made for two."""
    while True:
        ready = [near] if near.pending() else select.select([near, far], (), ())[0]
        for source, sink in ((near, far), (far, near)):
            if source in ready:
                data = source.recv(1 << 16)
                if not data:
                    return
                sink.sendall(data)
