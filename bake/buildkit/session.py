"""Sessions: how BuildKit calls back. A session has an id, a name, a shared key and a table of methods.

`attach` registers one with an Engine (POST /session) or, on BuildKit itself, through Control.Session;
its handlers run in threads of their own until it is closed. A session must be open before the Solve that
names it is sent. The health service is always added.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from bake import ids
from bake.buildkit.frames import Pieces
from bake.buildkit.grpc import serve
from bake.buildkit.services import health
from bake.buildkit.stream import RpcError, parsed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bake.buildkit.endpoint import Endpoint
    from bake.buildkit.grpc import Call, Channel
    from bake.buildkit.http2 import Connection
    from bake.buildkit.stream import Buffer, Methods

CONTROL_SESSION = "/moby.buildkit.v1.Control/Session"
_LARGEST = 1 << 20
"""Bytes in one frame of a tunnel; the daemon accepts 16 MiB."""
_PATIENCE = 5.0
"""Seconds that calls have to end in once their session was closed."""


class Session:
    """One open session. Its `id` goes into SolveRequest.session and `local-sessionid:` attributes."""

    def __init__(self, identity: str, connection: Connection) -> None:
        self.id = identity
        self._connection = connection

    @property
    def connection(self) -> Connection:
        """What BuildKit's calls come over."""
        return self._connection

    @property
    def lost(self) -> str:
        """Why BuildKit can no longer call back, "" while it can."""
        return str(self._connection.lost or "")

    def close(self) -> None:
        """End it. Calls still running are reset, and have a moment to leave nothing half done."""
        self._connection.close("the session was closed")
        self._connection.join_calls(_PATIENCE)


def attach(
    endpoint: Endpoint, channel: Channel, methods: Methods, *, shared_key: str = "", identity: str = ""
) -> Session:
    """Open a session that serves `methods`, under the id `identity` or a new one.

    Raises BuilderError, or RpcError from Control.Session.
    """
    served = {**methods, **health.methods()}
    identity = identity or new_id()
    headers = [
        ("X-Docker-Expose-Session-Uuid", identity),
        ("X-Docker-Expose-Session-Name", "pybake"),
        ("X-Docker-Expose-Session-Sharedkey", shared_key),
        *(("X-Docker-Expose-Session-Grpc-Method", path) for path in sorted(served)),
    ]
    pipe = endpoint.attach(headers)
    if pipe is None:
        pipe = TunnelPipe(channel.call(CONTROL_SESSION, [(key.lower(), value) for key, value in headers]))
    return Session(identity, serve(pipe, served))


def new_id() -> str:
    """A random id of a session, of a build, of anything that BuildKit is to know again."""
    return ids.new(os.urandom)


class TunnelPipe:
    """Bytes inside a gRPC stream, in frames of BytesMessage."""

    def __init__(self, call: Call) -> None:
        self._call = call

    def recv(self) -> bytes:
        from bake.buildkit.messages.common_pb2 import BytesMessage

        try:
            while (message := self._call.recv()) is not None:
                # an empty frame is no end of the stream
                if data := parsed(BytesMessage, message).data:
                    return data
        except RpcError as exc:
            raise ConnectionError(exc.message) from exc
        return b""

    def sendv(self, buffers: Sequence[Buffer]) -> None:
        try:
            data = Pieces(buffers)
            while data.left:
                piece = data.take(_LARGEST)
                self._call.send((_field_header(len(piece)), piece))
        except RpcError as exc:
            raise ConnectionError(exc.message) from exc

    def writable(self) -> bool:
        return self._call.writable()

    def close(self) -> None:
        self._call.cancel()


def _field_header(length: int) -> bytes:
    """Protobuf's header of BytesMessage.data: field 1, length-delimited."""
    header = bytearray(b"\x0a")
    while length > 0x7F:
        header.append(length & 0x7F | 0x80)
        length >>= 7
    header.append(length)
    return bytes(header)
