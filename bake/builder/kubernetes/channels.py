"""A command's standard streams over a WebSocket: the API's `v5.channel.k8s.io`, or `v4` of older servers.

Takes a pipe to the API and a path, gives a pipe of the command's own bytes. A message's first byte is its
channel: 0 standard input, 1 output, 2 error, 3 how the command ended (a Status); in v5 a message of 255 and a
channel closes that. Frames and masks are wsproto's, which knows no sockets.
"""

from __future__ import annotations

import json
import threading
from dataclasses import field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from wsproto import ConnectionType, WSConnection
from wsproto.events import (
    AcceptConnection,
    BytesMessage,
    CloseConnection,
    Ping,
    RejectConnection,
    RejectData,
    Request,
    TextMessage,
)
from wsproto.frame_protocol import CloseReason
from wsproto.utilities import LocalProtocolError, ProtocolError

from bake.record import record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wsproto.events import Event

    from bake.buildkit.pipe import Pipe
    from bake.buildkit.stream import Buffer

STDIN, STDOUT, STDERR, STATUS, CLOSE = 0, 1, 2, 3, 255
V5, V4 = "v5.channel.k8s.io", "v4.channel.k8s.io"
LARGEST = 128 << 10
"""Bytes in one message; servers take some megabytes at most."""
_SAID = 4096
_QUIET = (CloseReason.NORMAL_CLOSURE, CloseReason.GOING_AWAY, CloseReason.ABNORMAL_CLOSURE)
"""Ends that say nothing; the last one is a connection that just ended."""
_LONGEST_REFUSAL = 65536


class NotUpgradedError(ConnectionError):
    """The server answered with `status` instead of a WebSocket; the text is its message."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


@record
class Upgrade:
    """What is asked for: `url` with its query, and the Authorization header, "" for none."""

    url: str
    authorization: str = field(default="", repr=False)

    def request(self) -> Request:
        where = urlsplit(self.url)
        headers = [(b"User-Agent", b"pybake")]
        if self.authorization:
            headers.append((b"Authorization", self.authorization.encode()))
        return Request(
            host=where.netloc,
            target=f"{where.path}?{where.query}",
            subprotocols=[V5, V4],
            extra_headers=headers,
        )


def opened(pipe: Pipe, upgrade: Upgrade) -> ExecPipe:
    """Raises NotUpgradedError, OSError."""
    socket = WSConnection(ConnectionType.CLIENT)
    pipe.sendv([socket.send(upgrade.request())])
    refused: RejectConnection | None = None
    body = b""
    while True:
        data = pipe.recv()
        if not data:
            raise ConnectionError("it closed the connection before it answered")
        try:
            socket.receive_data(data)
            events = list(socket.events())
        except ProtocolError as exc:
            raise ConnectionError(f"it speaks no WebSocket: {exc}") from exc
        for number, event in enumerate(events):
            if isinstance(event, AcceptConnection):
                return ExecPipe(pipe, socket, _subprotocol(event), events[number + 1 :])
            if isinstance(event, RejectConnection):
                refused = event
                if not event.has_body:
                    raise _refusal(event, b"")
            elif isinstance(event, RejectData) and refused:
                body += event.data
                if event.body_finished or len(body) > _LONGEST_REFUSAL:
                    raise _refusal(refused, body)


def _subprotocol(event: AcceptConnection) -> str:
    if event.subprotocol not in (V5, V4):
        raise ConnectionError(f"its WebSocket speaks neither {V5} nor {V4}")
    return event.subprotocol


def _refusal(event: RejectConnection, body: bytes) -> NotUpgradedError:
    try:
        message = str(json.loads(body)["message"])
    except (ValueError, KeyError, TypeError):
        message = body[:200].decode(errors="replace").strip()
    return NotUpgradedError(event.status_code, message or "it opened no WebSocket")


class ExecPipe:
    """The command's bytes; one thread receives, one at a time sends."""

    def __init__(self, pipe: Pipe, socket: WSConnection, subprotocol: str, events: Sequence[Event]) -> None:
        self._pipe = pipe
        self._socket = socket
        self._subprotocol = subprotocol
        self._events = list(events)
        self._sending = threading.Lock()
        self._channel: int | None = None
        self._broken = ""
        self._status = b""
        self._said = b""
        self._ended = False
        self.writable = pipe.writable

    def recv(self) -> bytes:
        while not self._ended:
            if not self._events:
                self._receive()
            found = b"".join([self._take(event) for event in self._events])
            self._events = []
            if found:
                return found
        self._explain()
        return b""

    def _receive(self) -> None:
        data = self._pipe.recv()
        try:
            self._socket.receive_data(data or None)
            self._events = list(self._socket.events())
        except ProtocolError as exc:
            raise ConnectionError(f"the WebSocket is broken: {exc}") from exc
        self._ended = self._ended or not data

    def _take(self, event: Event) -> bytes:
        """Standard output's part of an event; what else it brings is noted."""
        match event:
            case BytesMessage():
                return self._message(bytes(event.data), last=event.message_finished)
            case TextMessage():
                return self._message(event.data.encode(), last=event.message_finished)
            case Ping():
                self._send(event.response())
            case CloseConnection(code=code, reason=reason):
                self._ended = True
                if code not in _QUIET:
                    self._broken = f"the WebSocket was closed: {reason or int(code)}"
        return b""

    def _message(self, data: bytes, *, last: bool) -> bytes:
        """A message may come in parts, of which the first one names the channel."""
        if self._channel is None and data:
            self._channel, data = data[0], data[1:]
        channel = self._channel
        if last:
            self._channel = None
        if channel == STDOUT:
            return data
        if channel == STDERR:
            self._said = (self._said + data)[-_SAID:]
        elif channel == STATUS:
            self._status += data
            self._ended = self._ended or last
        return b""

    def _explain(self) -> None:
        """Raises ConnectionError if the command did not end well."""
        said = self._said.decode(errors="replace").strip()
        why = [text for text in (self._broken, _failure(self._status), said) if text]
        if why:
            raise ConnectionError("; ".join(why))

    def sendv(self, buffers: Sequence[Buffer]) -> None:
        data = memoryview(b"".join(buffers))
        for start in range(0, len(data), LARGEST):
            self._send(BytesMessage(data=bytes((STDIN,)) + data[start : start + LARGEST]))

    def _send(self, event: Event) -> None:
        with self._sending:
            try:
                self._pipe.sendv([self._socket.send(event)])
            except LocalProtocolError as exc:
                raise ConnectionError("the WebSocket is closed") from exc

    def finish(self) -> None:
        """Tell the command that nothing more will be sent; v4 cannot say so but by its end."""
        if self._subprotocol == V5:
            self._send(BytesMessage(data=bytes((CLOSE, STDIN))))
        else:
            self.close()

    def close(self) -> None:
        self._pipe.close()


def _failure(status: bytes) -> str:
    """What a Status says of the command's end, "" for a good one."""
    try:
        found = json.loads(status or b"{}")
        return str(found.get("message") or "") if found.get("status") == "Failure" else ""
    except (ValueError, AttributeError):
        return status.decode(errors="replace")
