"""Two ends of one connection, in memory: a real client and a real server, or a peer made by hand of h2."""

from __future__ import annotations

import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import Event
from h2.settings import SettingCodes, Settings

from bake.buildkit.grpc import Channel, serve
from bake.buildkit.http2 import Connection
from bake.buildkit.pipe import SocketPipe

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bake.buildkit.stream import Methods

T = TypeVar("T", bound=Event)


@contextmanager
def joined(methods: Methods) -> Iterator[Channel]:
    """A channel whose other end serves `methods`."""
    near, far = socket.socketpair()
    server = serve(SocketPipe(far), methods)
    client = Connection(SocketPipe(near)).start()
    try:
        yield Channel(client)
    finally:
        client.close()
        server.close()


class Peer:
    """The other end, moved by hand, so that it may be as narrow or as rude as a test wants.

    `settings` are announced at once. `until` reads until an event of a kind comes, acknowledging nothing
    but what h2 does by itself.
    """

    def __init__(self, *, server: bool = True, settings: Mapping[SettingCodes, int] | None = None) -> None:
        near, self.socket = socket.socketpair()
        self.socket.settimeout(60)
        self.pipe = SocketPipe(near)
        self.h2 = H2Connection(H2Configuration(client_side=not server))
        self.h2.local_settings = Settings(client=not server, initial_values=dict(settings or {}))
        self.h2.initiate_connection()
        self._events: list[Event] = []
        self._closed = False
        self.flush()

    def flush(self) -> None:
        if data := self.h2.data_to_send():
            self.socket.sendall(data)

    def pump(self) -> list[Event]:
        """The events of one read."""
        data = self.socket.recv(65536)
        self._closed = not data
        events = self.h2.receive_data(data) if data else []
        self.flush()
        return events

    def until(self, kind: type[T]) -> T:
        """The next event of `kind`; those before it are gone. Fails when the other end closes."""
        while True:
            while self._events:
                event = self._events.pop(0)
                if isinstance(event, kind):
                    return event
            if not (found := self.pump()) and self._closed:
                raise AssertionError(f"the connection closed before {kind.__name__}")
            self._events.extend(found)

    def close(self) -> None:
        self.socket.close()
