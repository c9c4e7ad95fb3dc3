"""HTTP/2 on threads: one `Connection` over a byte pipe, in either role, `h2` deciding the protocol.

Takes a `Pipe`; gives `Exchange`s, each one request and its response. A reader thread feeds `h2` and hands
events to the exchanges; senders write from their own threads. The rules:

- `_lock` guards `h2` and every exchange. It is never held while the pipe blocks.
- `_order` is held while the pipe is written, so bytes leave in the order `h2` made them.
- The reader never blocks on writing, or two connections could wait for each other for ever.
- A broken connection wakes every waiter with `LostError`.

Flow control: a blocked sender is woken once 16 KiB are open, or half of the peer's whole window, or all
that it has left; a peer that opens less gets what it allows after `PATIENCE` seconds. What is received
is granted again to the connection at once, to its stream when it was read: a slow reader holds up only
its own stream.
"""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING, Any, TypeAlias

from h2.config import H2Configuration
from h2.connection import ConnectionInputs, ConnectionState, H2Connection, H2ConnectionStateMachine
from h2.errors import ErrorCodes
from h2.events import (
    ConnectionTerminated,
    DataReceived,
    Event,
    RemoteSettingsChanged,
    RequestReceived,
    ResponseReceived,
    StreamEnded,
    StreamReset,
    TrailersReceived,
    WindowUpdated,
)
from h2.exceptions import ProtocolError
from h2.settings import SettingCodes, Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from bake.buildkit.pipe import Pipe
    from bake.buildkit.stream import Buffer

Headers: TypeAlias = "Sequence[tuple[bytes, bytes]]"

STREAM_WINDOW = 4 << 20
CONNECTION_WINDOW = 64 << 20
WAKE = 16384
"""Bytes of window that a blocked sender waits for (waking for less cost three times the CPU)."""
_SETTINGS = {
    SettingCodes.INITIAL_WINDOW_SIZE: STREAM_WINDOW,
    SettingCodes.ENABLE_PUSH: 0,
    SettingCodes.MAX_HEADER_LIST_SIZE: 16 << 20,
}
PATIENCE = 0.1
"""Seconds after which a blocked sender takes what little window there is."""
BURST = 1 << 20
"""Bytes a sender puts into frames before it writes them, so that others get their turn."""


class LostError(Exception):
    """The connection is gone; the text says why."""


class ResetError(Exception):
    """The stream was reset, or is closed; `code` is the HTTP/2 error code."""

    def __init__(self, code: int) -> None:
        super().__init__(f"stream reset: {_name(code)}")
        self.code = code


class _KeepsStreams(H2ConnectionStateMachine):
    """h2 takes GOAWAY for the end of the connection; RFC 9113, section 6.8, lets the streams that
    the peer still serves run to their end."""

    _transitions = {  # noqa: RUF012
        **H2ConnectionStateMachine._transitions,
        (ConnectionState.CLIENT_OPEN, ConnectionInputs.RECV_GOAWAY): (None, ConnectionState.CLIENT_OPEN),
        (ConnectionState.SERVER_OPEN, ConnectionInputs.RECV_GOAWAY): (None, ConnectionState.SERVER_OPEN),
    }


class Exchange:
    """One stream of a connection, from either end. Any thread may call any method, one sends at a time."""

    def __init__(self, connection: Connection, number: int) -> None:
        self.number = number
        self.headers: Headers | None = None
        self.trailers: Headers = ()
        self._connection = connection
        self._changed = threading.Condition(connection._lock)
        self._opened = threading.Condition(connection._lock)
        self._received: deque[bytes] = deque()
        self._granted = 0
        self._wanted = 0
        self._ended = False
        self._closed_here = False
        self._fault: Exception | None = None

    def wait_headers(self) -> Headers:
        """The peer's headers. Blocks; raises `ResetError` or `LostError`."""
        with self._changed:
            while self.headers is None:
                self._check()
                self._changed.wait()
            return self.headers

    def read(self) -> bytes | None:
        """Some data, None once the peer has ended its side. Blocks; raises `ResetError` or `LostError`."""
        with self._changed:
            while not self._received:
                if self._ended:
                    return None
                self._check()
                self._changed.wait()
            data = b"".join(self._received) if len(self._received) > 1 else self._received[0]
            self._received.clear()
            self._grant(len(data))
        self._connection._flush_some()
        return data

    def write(self, data: Pieces, *, end: bool = False) -> None:
        """Send `data`, then the end of our side if `end`. Blocks; raises `ResetError` or `LostError`."""
        connection = self._connection
        while data.left:
            with self._changed:
                self._wait_window(data.left)
                connection._frame(self, data)
            connection._flush()
        if end:
            self.end()

    def end(self) -> None:
        """End our side, if that has not happened yet."""
        with self._changed:
            if self._closed_here or self._fault:
                return
            self._closed_here = True
            self._connection._h2.end_stream(self.number)
            self._connection._retire(self)
        self._connection._flush()

    def send_headers(self, headers: Headers, *, end: bool = False) -> None:
        """Send headers or trailers, in the server's role. Raises `ResetError` or `LostError`."""
        with self._changed:
            self._check_open()
            self._connection._h2.send_headers(self.number, headers, end_stream=end)
            if end:
                self._closed_here = True
                self._connection._retire(self)
        self._connection._flush()

    def reset(self, code: ErrorCodes = ErrorCodes.CANCEL) -> None:
        """Tear the stream down and wake whoever waits on it with `ResetError`. Harmless when it is over."""
        with self._changed:
            if self._fault or (self._ended and self._closed_here):
                return
            self._connection._h2.reset_stream(self.number, code)
            self._fail(ResetError(code))
        self._connection._flush()

    def stop_peer(self) -> None:
        """After our end: reset the stream with NO_ERROR if the peer has not ended its side."""
        with self._changed:
            if self._ended or self._fault:
                return
            self._connection._h2.reset_stream(self.number, ErrorCodes.NO_ERROR)
            self._fail(ResetError(ErrorCodes.NO_ERROR))
        self._connection._flush()

    @property
    def over(self) -> bool:
        """Whether nothing more will come from the peer."""
        return self._ended or self._fault is not None

    def writable(self) -> bool:
        """Whether a few hundred bytes can be sent without blocking."""
        with self._changed:
            open_ = not self._fault and self._connection._h2.local_flow_control_window(self.number) >= 512
        return open_ and self._connection._pipe.writable()

    # What follows is called with the connection's lock held.

    def _check(self) -> None:
        if self._fault:
            raise self._fault

    def _check_open(self) -> None:
        self._check()
        if self._closed_here:
            raise ResetError(ErrorCodes.STREAM_CLOSED)

    def _wait_window(self, left: int) -> None:
        h2, waited = self._connection._h2, False
        while True:
            self._check_open()
            window = h2.local_flow_control_window(self.number)
            wanted = min(left, WAKE, max(1, h2.remote_settings.initial_window_size // 2))
            if window >= wanted or (waited and window > 0):
                return
            self._wanted = wanted
            waited = not self._opened.wait(PATIENCE)

    def _window_opened(self) -> None:
        if self._wanted and self._connection._h2.local_flow_control_window(self.number) >= self._wanted:
            self._wanted = 0
            self._opened.notify_all()

    def _grant(self, count: int) -> None:
        self._granted += count
        if self._granted >= STREAM_WINDOW // 4 and not self._ended and not self._fault:
            self._connection._h2.increment_flow_control_window(self._granted, self.number)
            self._granted = 0

    def _receive(self, data: bytes) -> None:
        self._received.append(data)
        self._changed.notify_all()

    def _end_there(self) -> None:
        self._ended = True
        self._connection._retire(self)
        self._changed.notify_all()

    def _fail(self, fault: Exception) -> None:
        if not self._fault and not (self._ended and self._closed_here):
            self._fault = fault
        self._connection._retire(self)
        self._changed.notify_all()
        self._opened.notify_all()


class Pieces:
    """Buffers to send, given out in slices for frames, without copying those that fill a frame."""

    def __init__(self, buffers: Iterable[Buffer]) -> None:
        self._buffers = deque(memoryview(buffer) for buffer in buffers if len(buffer))
        self.left = sum(map(len, self._buffers))

    def take(self, limit: int) -> bytes | memoryview:
        """The next `limit` bytes, or all that is left."""
        self.left -= min(limit, self.left)
        taken: list[memoryview] = []
        while limit and self._buffers:
            head = self._buffers[0]
            taken.append(head[:limit])
            if len(head) > limit:
                self._buffers[0] = head[limit:]
            else:
                self._buffers.popleft()
            limit -= len(taken[-1])
        return taken[0] if len(taken) == 1 else b"".join(taken)


class Connection:
    """One HTTP/2 connection. Without `accept` it is the client's end and may `open` exchanges; with it,
    the server's, and `accept` is called in a new thread for each request."""

    def __init__(self, pipe: Pipe, accept: Callable[[Exchange], None] | None = None) -> None:
        self._pipe = pipe
        self._accept = accept
        self._lock = threading.Lock()
        self._order = threading.Lock()
        self._slots = threading.Condition(self._lock)
        self._exchanges: dict[int, Exchange] = {}
        self._lost: LostError | None = None
        self._going_away = ""
        self._unread = 0
        self._left_over = False
        self._h2 = self._initiate(client=accept is None)
        self._reader = threading.Thread(target=self._read, name="http2-reader", daemon=True)

    @staticmethod
    def _initiate(*, client: bool) -> H2Connection:
        config = H2Configuration(
            client_side=client,
            validate_inbound_headers=False,
            validate_outbound_headers=False,
            normalize_inbound_headers=False,
            normalize_outbound_headers=False,
        )
        h2 = H2Connection(config)
        h2.state_machine = _KeepsStreams()
        h2.local_settings = Settings(client=client, initial_values=_SETTINGS)
        h2.initiate_connection()
        h2.increment_flow_control_window(CONNECTION_WINDOW - 65535)
        return h2

    def start(self) -> Connection:
        """Begin to talk; gives itself."""
        self._reader.start()
        self._flush_some()
        return self

    @property
    def lost(self) -> LostError | None:
        """Why the connection is gone, None while it lives."""
        return self._lost

    @property
    def usable(self) -> bool:
        """Whether exchanges can still be opened: it is not lost, nor is the peer going away."""
        return self._refusal() is None

    def join(self) -> None:
        """Wait until the connection is gone."""
        self._reader.join()

    def writable(self) -> bool:
        """Whether something small can be sent without blocking."""
        return self._pipe.writable()

    def open(self, headers: Headers, *, end: bool = False) -> Exchange:
        """Send a request's headers. Blocks while the peer's MAX_CONCURRENT_STREAMS are all in use;
        raises `LostError`."""
        with self._lock:
            while self._refusal() is None and not self._has_slot():
                self._slots.wait()
            if refusal := self._refusal():
                raise refusal
            exchange = Exchange(self, self._h2.get_next_available_stream_id())
            self._h2.send_headers(exchange.number, headers, end_stream=end)
            exchange._closed_here = end
            self._exchanges[exchange.number] = exchange
        self._flush()
        return exchange

    def close(self, why: str = "closed") -> None:
        """Say GOAWAY, close the pipe, wake everybody with `LostError(why)`, and wait for the reader."""
        with self._lock:
            if not self._lost:
                self._h2.close_connection()
                self._mark_lost(LostError(why))
        self._flush_some()
        self._pipe.close()
        if threading.current_thread() is not self._reader and self._reader.is_alive():
            self._reader.join()

    def _refusal(self) -> LostError | None:
        return self._lost or (LostError(self._going_away) if self._going_away else None)

    def _has_slot(self) -> bool:
        return len(self._exchanges) < self._h2.remote_settings.max_concurrent_streams

    # Sending

    def _frame(self, exchange: Exchange, data: Pieces) -> None:
        """Turn into frames what the windows allow, with the lock held."""
        h2, number, size = self._h2, exchange.number, self._h2.max_outbound_frame_size
        room = min(h2.local_flow_control_window(number), BURST, data.left)
        while room > 0:
            piece = data.take(min(room, size))
            h2.send_data(number, piece)
            room -= len(piece)

    def _flush(self) -> None:
        """Write what `h2` has made, in order. Blocks."""
        with self._order:
            self._write_out()
        if self._left_over:
            self._flush_some()

    def _flush_some(self) -> None:
        """Like `_flush`, but never blocks: whoever writes now, or a thread of its own, does the rest."""
        self._left_over = True
        while self._left_over and self._order.acquire(blocking=False):
            try:
                self._left_over = False
                if self._pipe.writable():
                    self._write_out()
                else:
                    threading.Thread(target=self._flush, name="http2-writer", daemon=True).start()
            finally:
                self._order.release()

    def _write_out(self) -> None:
        with self._lock:
            data = self._h2.data_to_send()
        if data:
            try:
                self._pipe.sendv([data])
            except OSError as exc:
                self._lose(LostError(_why(exc)))

    # Receiving

    def _read(self) -> None:
        try:
            data = self._pipe.recv()
            if data.startswith(b"HTTP/1"):
                line = data.partition(b"\r\n")[0].decode(errors="replace")
                self._lose(LostError(f"the peer speaks HTTP/1, not HTTP/2: `{line}`"))
            while data and not self._lost:
                self._take(data)
                self._flush_some()
                data = self._pipe.recv()
            self._lose(LostError("the peer closed the connection"))
        except OSError as exc:
            self._lose(LostError(_why(exc)))

    def _take(self, data: bytes) -> None:
        with self._lock:
            if self._lost:
                return
            try:
                for event in self._h2.receive_data(data):
                    if handle := _HANDLERS.get(type(event)):
                        handle(self, event)
            except ProtocolError as exc:
                self._mark_lost(LostError(f"HTTP/2 protocol error: {exc}"))

    def _on_request(self, event: RequestReceived) -> None:
        assert self._accept
        exchange = self._exchanges[_number(event)] = Exchange(self, _number(event))
        exchange.headers = event.headers
        threading.Thread(target=self._accept, args=(exchange,), name="http2-call", daemon=True).start()

    def _on_response(self, event: ResponseReceived) -> None:
        if exchange := self._exchanges.get(_number(event)):
            exchange.headers = event.headers or ()
            exchange._changed.notify_all()

    def _on_trailers(self, event: TrailersReceived) -> None:
        if exchange := self._exchanges.get(_number(event)):
            exchange.trailers = event.headers or ()

    def _on_data(self, event: DataReceived) -> None:
        self._unread += event.flow_controlled_length or 0
        if self._unread >= CONNECTION_WINDOW // 8:
            self._h2.increment_flow_control_window(self._unread)
            self._unread = 0
        if exchange := self._exchanges.get(_number(event)):
            exchange._receive(event.data or b"")

    def _on_end(self, event: StreamEnded) -> None:
        if exchange := self._exchanges.get(_number(event)):
            exchange._end_there()

    def _on_reset(self, event: StreamReset) -> None:
        if exchange := self._exchanges.get(_number(event)):
            exchange._fail(ResetError(int(event.error_code or 0)))

    def _on_window(self, event: WindowUpdated) -> None:
        if event.stream_id:
            if exchange := self._exchanges.get(event.stream_id):
                exchange._window_opened()
        else:
            self._on_windows()

    def _on_windows(self) -> None:
        for exchange in self._exchanges.values():
            exchange._window_opened()

    def _on_settings(self, _event: RemoteSettingsChanged) -> None:
        self._slots.notify_all()
        self._on_windows()

    def _on_goaway(self, event: ConnectionTerminated) -> None:
        reason = (event.additional_data or b"").decode(errors="replace")
        self._going_away = f"the peer is going away: {reason or _name(event.error_code or 0)}"
        for number, exchange in list(self._exchanges.items()):
            if number > (event.last_stream_id or 0) and not self._accept:
                exchange._fail(LostError(self._going_away))
        self._slots.notify_all()

    def _retire(self, exchange: Exchange) -> None:
        if exchange._fault or (exchange._ended and exchange._closed_here):
            self._exchanges.pop(exchange.number, None)
            self._slots.notify_all()

    def _lose(self, why: LostError) -> None:
        with self._lock:
            self._mark_lost(why)
        self._pipe.close()

    def _mark_lost(self, why: LostError) -> None:
        if not self._lost:
            self._lost = why
            for exchange in list(self._exchanges.values()):
                exchange._fail(why)
            self._slots.notify_all()


_HANDLERS: dict[type[Event], Callable[[Connection, Any], None]] = {
    RequestReceived: Connection._on_request,
    ResponseReceived: Connection._on_response,
    TrailersReceived: Connection._on_trailers,
    DataReceived: Connection._on_data,
    StreamEnded: Connection._on_end,
    StreamReset: Connection._on_reset,
    WindowUpdated: Connection._on_window,
    RemoteSettingsChanged: Connection._on_settings,
    ConnectionTerminated: Connection._on_goaway,
}


def _number(event: object) -> int:
    return event.stream_id  # type: ignore[attr-defined, no-any-return]


def _name(code: int) -> str:
    try:
        return ErrorCodes(code).name
    except ValueError:
        return f"error {code}"


def _why(exc: OSError) -> str:
    return exc.strerror or str(exc) or type(exc).__name__
