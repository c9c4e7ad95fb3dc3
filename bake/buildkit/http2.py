"""HTTP/2 on threads: one `Connection` over a byte pipe, in either role, `h2` deciding the protocol.

Content goes past `h2`, which is told how much it was: see `bake.buildkit.frames`.

Takes a `Pipe`; gives `Exchange`s, each one request and its response. A reader thread feeds `h2` and hands
events to the exchanges; senders write from their own threads. The rules:

- `lock` guards `h2` and every exchange. It is never held while the pipe blocks.
- `_order` is held while the pipe is written, so bytes leave in the order `h2` made them.
- The reader never blocks on writing, or two connections could wait for each other for ever.
- A broken connection wakes every waiter with `LostError`.
- What is received is granted again to the connection at once, and to its stream when it was read: a slow
  reader holds up only its own stream.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

from h2.config import H2Configuration
from h2.connection import ConnectionInputs, ConnectionState, H2Connection, H2ConnectionStateMachine
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

from bake.buildkit.exchange import STREAM_WINDOW, Exchange, LostError, ResetError, name_of
from bake.buildkit.frames import PREFACE, Sorter, cut

if TYPE_CHECKING:
    from collections.abc import Callable

    from bake.buildkit.exchange import Headers
    from bake.buildkit.frames import Pieces, Run
    from bake.buildkit.pipe import Pipe
    from bake.buildkit.stream import Buffer

CONNECTION_WINDOW = 64 << 20
BURST = 1 << 20
"""Bytes a sender puts into frames before it writes them, so that others get their turn."""
LAST_WORDS = 1.0
"""Seconds that what the peer has said has to be read in, once it takes no more."""
_SETTINGS = {
    SettingCodes.INITIAL_WINDOW_SIZE: STREAM_WINDOW,
    SettingCodes.ENABLE_PUSH: 0,
    SettingCodes.MAX_HEADER_LIST_SIZE: 16 << 20,
}


class _KeepsStreams(H2ConnectionStateMachine):
    """h2 takes GOAWAY for the end of the connection; RFC 9113, section 6.8, lets the streams that
    the peer still serves run to their end."""

    _transitions = {  # noqa: RUF012
        **H2ConnectionStateMachine._transitions,
        (ConnectionState.CLIENT_OPEN, ConnectionInputs.RECV_GOAWAY): (None, ConnectionState.CLIENT_OPEN),
        (ConnectionState.SERVER_OPEN, ConnectionInputs.RECV_GOAWAY): (None, ConnectionState.SERVER_OPEN),
    }


class Connection:
    """One HTTP/2 connection. Without `accept` it is the client's end and may `open` exchanges; with it,
    the server's, and `accept` is called in a new thread for each request."""

    def __init__(self, pipe: Pipe, accept: Callable[[Exchange], None] | None = None) -> None:
        self._pipe = pipe
        self._accept = accept
        self.lock = threading.Lock()
        self._order = threading.Lock()
        self._slots = threading.Condition(self.lock)
        self._exchanges: dict[int, Exchange] = {}
        self._lost: LostError | None = None
        self._going_away = ""
        self._unread = 0
        self.received = 0
        """Bytes that have come from the peer."""
        self._left_over = False
        self._bursts: list[Buffer] = []
        """Content that senders are about to write, in frames, behind whatever `h2` had made before it."""
        self._sorter = Sorter(PREFACE if accept else 0)
        self.h2 = self._initiate(client=accept is None)
        self._reader = threading.Thread(target=self._read, name="http2-reader", daemon=True)
        self._calls: list[threading.Thread] = []

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
        self.flush_some()
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

    def join_calls(self, timeout: float) -> None:
        """Wait until whatever answers a request has returned, no longer than `timeout` seconds."""
        deadline = time.monotonic() + timeout
        for call in list(self._calls):
            if call is not threading.current_thread():
                call.join(max(0.0, deadline - time.monotonic()))

    def writable(self) -> bool:
        """Whether something small can be sent without blocking."""
        return self._pipe.writable()

    def open(self, headers: Headers, *, end: bool = False) -> Exchange:
        """Send a request's headers. Blocks while the peer's MAX_CONCURRENT_STREAMS are all in use;
        raises `LostError`."""
        with self.lock:
            while self._refusal() is None and not self._has_slot():
                self._slots.wait()
            if refusal := self._refusal():
                raise refusal
            exchange = Exchange(self, self.h2.get_next_available_stream_id())
            self.h2.send_headers(exchange.number, headers, end_stream=end)
            exchange.closed_here = end
            self._exchanges[exchange.number] = exchange
        self.flush()
        return exchange

    def close(self, why: str = "closed") -> None:
        """Say GOAWAY, close the pipe, wake everybody with `LostError(why)`, and wait for the reader."""
        with self.lock:
            if not self._lost:
                self.h2.close_connection()
                self._mark_lost(LostError(why))
        self.flush_some()
        self._pipe.close()
        if threading.current_thread() is not self._reader and self._reader.is_alive():
            self._reader.join()

    def give_up(self, why: str) -> None:
        """Take the connection for lost, without another word to the peer."""
        self._lose(LostError(why))

    def _refusal(self) -> LostError | None:
        return self._lost or (LostError(self._going_away) if self._going_away else None)

    def _has_slot(self) -> bool:
        return len(self._exchanges) < self.h2.remote_settings.max_concurrent_streams

    # Sending

    def frame(self, exchange: Exchange, data: Pieces) -> None:
        """Turn into frames what the windows allow, with the lock held."""
        h2, number = self.h2, exchange.number
        room = min(h2.local_flow_control_window(number), BURST, data.left)
        if room > 0:
            h2.streams[number].outbound_flow_control_window -= room
            h2.outbound_flow_control_window -= room
            self._bursts += h2.data_to_send(), *cut(number, data, room, h2.max_outbound_frame_size)

    def flush(self) -> None:
        """Write what there is, in order. Blocks."""
        with self._order:
            self._write_out()
        if self._left_over:
            self.flush_some()

    def flush_some(self) -> None:
        """Like `flush`, but never blocks: whoever writes now, or a thread of its own, does the rest."""
        self._left_over = True
        while self._left_over and self._order.acquire(blocking=False):
            try:
                self._left_over = False
                if self._pipe.writable() and not self._bursts:
                    self._write_out()
                else:
                    threading.Thread(target=self.flush, name="http2-writer", daemon=True).start()
            finally:
                self._order.release()

    def _write_out(self) -> None:
        with self.lock:
            buffers, self._bursts = [*self._bursts, self.h2.data_to_send()], []
        if any(buffers):
            try:
                self._pipe.sendv(buffers)
            except OSError as exc:
                if not self._lost:
                    threading.Thread(target=self._lose_unheard, args=[_lost(exc)], daemon=True).start()

    def _lose_unheard(self, why: LostError) -> None:
        """A peer that takes no more may have said why: the reader has yet to hear that."""
        self._reader.join(LAST_WORDS)
        self._lose(why)

    # Receiving

    def _read(self) -> None:
        try:
            data = self._pipe.recv()
            if self._accept is None and (complaint := _stranger(data)):
                self._lose(LostError(complaint))
            while data and not self._lost:
                if self._take(data):
                    self.flush_some()
                data = b"" if self._lost else self._pipe.recv()
            self._lose(LostError("the peer closed the connection"))
        except OSError as exc:
            self._lose(_lost(exc))

    def _take(self, data: bytes) -> bool:
        """Whether `h2` may have something to say to it."""
        self.received += len(data)
        with self.lock:
            if self._lost:
                return False
            try:
                answers = False
                for run in self._sorter.feed(data):
                    answers |= self._take_run(run)
                return answers
            except ProtocolError as exc:
                self._mark_lost(LostError(f"HTTP/2 protocol error: {exc}"))
                return True

    def _take_run(self, run: Run) -> bool:
        exchange = self._exchanges.get(run.stream)
        if exchange and not exchange.over:
            content = run.joined
            size = len(content)
            self.h2._inbound_flow_control_window_manager.window_consumed(size)
            self.h2.streams[run.stream].receive_data(content, end_stream=False, flow_control_len=size)
            exchange.receive(content)
            return self._count(size)
        for event in self.h2.receive_data(run.raw):
            if handle := _HANDLERS.get(type(event)):
                handle(self, event)
        return True

    def _on_request(self, event: RequestReceived) -> None:
        assert self._accept
        exchange = self._exchanges[_number(event)] = Exchange(self, _number(event))
        exchange.headers = event.headers
        call = threading.Thread(target=self._accept, args=(exchange,), name="http2-call", daemon=True)
        self._calls = [*filter(threading.Thread.is_alive, self._calls), call]
        call.start()

    def _on_response(self, event: ResponseReceived) -> None:
        if exchange := self._exchanges.get(_number(event)):
            exchange.answer(event.headers or ())

    def _on_trailers(self, event: TrailersReceived) -> None:
        if exchange := self._exchanges.get(_number(event)):
            exchange.trailers = event.headers or ()

    def _on_data(self, event: DataReceived) -> None:
        self._count(event.flow_controlled_length or 0)
        if exchange := self._exchanges.get(_number(event)):
            exchange.receive(event.data or b"")

    def _count(self, received: int) -> bool:
        """Grant it again in large pieces; whether that was done."""
        self._unread += received
        if self._unread < CONNECTION_WINDOW // 8:
            return False
        self.h2.increment_flow_control_window(self._unread)
        self._unread = 0
        return True

    def _on_end(self, event: StreamEnded) -> None:
        if exchange := self._exchanges.get(_number(event)):
            exchange.end_there()

    def _on_reset(self, event: StreamReset) -> None:
        if exchange := self._exchanges.get(_number(event)):
            exchange.fail(ResetError(int(event.error_code or 0)))

    def _on_window(self, event: WindowUpdated) -> None:
        if event.stream_id:
            if exchange := self._exchanges.get(event.stream_id):
                exchange.window_opened()
        else:
            self._on_windows()

    def _on_windows(self) -> None:
        for exchange in self._exchanges.values():
            exchange.window_opened()

    def _on_settings(self, _event: RemoteSettingsChanged) -> None:
        self._slots.notify_all()
        self._on_windows()

    def _on_goaway(self, event: ConnectionTerminated) -> None:
        reason = (event.additional_data or b"").decode(errors="replace")
        self._going_away = f"the peer is going away: {reason or name_of(event.error_code or 0)}"
        for number, exchange in list(self._exchanges.items()):
            if number > (event.last_stream_id or 0) and not self._accept:
                exchange.fail(LostError(self._going_away))
        self._slots.notify_all()

    def retire(self, exchange: Exchange) -> None:
        if exchange.done:
            self._exchanges.pop(exchange.number, None)
            self._slots.notify_all()

    def _lose(self, why: LostError) -> None:
        with self.lock:
            self._mark_lost(why)
        self._pipe.close()

    def _mark_lost(self, why: LostError) -> None:
        if not self._lost:
            self._lost = why
            for exchange in list(self._exchanges.values()):
                exchange.fail(why)
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


def _stranger(first: bytes) -> str:
    """What is wrong with a server's first bytes, "" if they may be of the SETTINGS frame that comes first
    (RFC 9113, section 3.4). h2 would wait for the end of what it takes for a frame."""
    if first.startswith(b"HTTP/1"):
        line = first.partition(b"\r\n")[0].decode(errors="replace")
        return f"the peer speaks HTTP/1, not HTTP/2: `{line}`"
    return "" if first[3:4] in (b"", b"\x04") else "the peer does not speak HTTP/2"


def _number(event: object) -> int:
    return event.stream_id  # type: ignore[attr-defined, no-any-return]


def _lost(exc: OSError) -> LostError:
    return LostError(exc.strerror or str(exc) or type(exc).__name__, getattr(exc, "hint", ""))
