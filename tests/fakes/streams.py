"""Two joined `Stream`s in memory, and a way to serve a handler on one of them.

What one end sends the other receives. `window` bounds how many messages may be under way in one
direction: with 1, every send waits for a receive, as on the slowest of connections.
"""

from __future__ import annotations

from queue import Empty, Full, Queue
from threading import Event, Thread
from typing import TYPE_CHECKING

from bake.buildkit.stream import CANCELED, UNKNOWN, RpcError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bake.buildkit.stream import Handler, Message

POLL = 0.05
"""How often a waiting end looks whether the call is over, in seconds; it bounds no test."""


class _Direction:
    """One half of a call: messages in order, then None for the end."""

    def __init__(self, window: int) -> None:
        self.messages: Queue[bytes | None] = Queue(window)


class MemoryStream:
    """One end of a call. `failure` is shared by both ends once the call was reset or failed."""

    def __init__(
        self, incoming: _Direction, outgoing: _Direction, over: _Over, metadata: Mapping[str, Sequence[str]]
    ) -> None:
        self._incoming = incoming
        self._outgoing = outgoing
        self._over = over
        self._ended = False
        self._closed = False
        self.metadata = {name: tuple(values) for name, values in metadata.items()}

    def recv(self) -> bytes | None:
        while not self._ended:
            try:
                message = self._incoming.messages.get(timeout=POLL)
            except Empty:
                self._over.check()
                continue
            if message is not None:
                return message
            self._ended = True
        self._over.check()
        return None

    def send(self, *messages: Message) -> None:
        for message in messages:
            whole = (
                bytes(message) if isinstance(message, bytes | bytearray | memoryview) else b"".join(message)
            )
            self._put(whole)

    def close_send(self) -> None:
        if not self._closed:
            self._closed = True
            self._put(None)

    def cancel(self) -> None:
        self._over.fail(RpcError(CANCELED, "canceled"))

    def _put(self, message: bytes | None) -> None:
        while True:
            self._over.check()
            try:
                return self._outgoing.messages.put(message, timeout=POLL)
            except Full:
                continue


class _Over:
    """Whether and how the call came to a bad end."""

    def __init__(self) -> None:
        self._happened = Event()
        self._failure: RpcError | None = None

    def fail(self, failure: RpcError) -> None:
        if not self._happened.is_set():
            self._failure = failure
            self._happened.set()

    def check(self) -> None:
        if self._failure is not None:
            raise RpcError(self._failure.code, self._failure.message, self._failure.details)


def joined(
    metadata: Mapping[str, Sequence[str]] | None = None, *, window: int = 0
) -> tuple[MemoryStream, MemoryStream]:
    """The caller's end and the server's end; `metadata` is what the server sees."""
    there, back, over = _Direction(window), _Direction(window), _Over()
    return MemoryStream(back, there, over, {}), MemoryStream(there, back, over, metadata or {})


class Call:
    """A handler at work on one end of a call, in a thread of its own; `stream` is the other end."""

    def __init__(
        self, handler: Handler, metadata: Mapping[str, Sequence[str]] | None = None, *, window: int = 0
    ) -> None:
        self.stream, self._server = joined(metadata, window=window)
        self.error: BaseException | None = None
        """What the handler raised."""
        self._thread = Thread(target=self._serve, args=(handler,), daemon=True)
        self._thread.start()

    def wait(self) -> None:
        """Until the handler has returned."""
        self._thread.join()

    def _serve(self, handler: Handler) -> None:
        try:
            handler(self._server)
            self._server.close_send()
        except RpcError as exc:
            self.error = exc
            self._server._over.fail(exc)
        except BaseException as exc:
            self.error = exc
            self._server._over.fail(RpcError(UNKNOWN, str(exc)))


def ask(handler: Handler, request: bytes, metadata: Mapping[str, Sequence[str]] | None = None) -> bytes:
    """The answer to one unary call; raises the RpcError it ends with."""
    call = Call(handler, metadata)
    call.stream.send(request)
    call.stream.close_send()
    answer = call.stream.recv()
    call.wait()
    if call.error is not None:
        raise call.error
    assert answer is not None
    return answer
