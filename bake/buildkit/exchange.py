"""One HTTP/2 stream, from either end: its state, its waiters, its windows.

An `Exchange` lives on a `Carrier`, the connection. The carrier's `lock` guards `h2` and every exchange; what
needs it held says so. Flow control: a blocked sender is woken once 16 KiB are open, or half of the peer's
whole window, or all that it has left; a peer that opens less gets what it allows after `PATIENCE` seconds.
What was received is granted to the peer again when it was read.
"""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING, Protocol, TypeAlias

from h2.errors import ErrorCodes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from h2.connection import H2Connection

    from bake.buildkit.frames import Pieces

Headers: TypeAlias = "Sequence[tuple[bytes, bytes]]"

STREAM_WINDOW = 4 << 20
WAKE = 16384
"""Bytes of window that a blocked sender waits for (waking for less cost three times the CPU)."""
PATIENCE = 0.1
"""Seconds after which a blocked sender takes what little window there is."""


class LostError(Exception):
    """The connection is gone; the text says why, `hint` what to do, where that is known."""

    def __init__(self, why: str, hint: str = "") -> None:
        super().__init__(why)
        self.hint = hint


class ResetError(Exception):
    """The stream was reset, or is closed; `code` is the HTTP/2 error code."""

    def __init__(self, code: int) -> None:
        super().__init__(f"stream reset: {name_of(code)}")
        self.code = code


class Carrier(Protocol):
    """What an exchange needs of its connection."""

    lock: threading.Lock
    h2: H2Connection

    def frame(self, exchange: Exchange, data: Pieces) -> None:
        """Turn into frames what the windows allow, with the lock held."""

    def retire(self, exchange: Exchange) -> None:
        """Forget the exchange if it is done, with the lock held."""

    def flush(self) -> None:
        """Write what `h2` has made, in order. Blocks."""

    def flush_some(self) -> None:
        """Like `flush`, but never blocks: whoever writes now, or a thread of its own, does the rest."""

    def writable(self) -> bool:
        """Whether something small can be sent without blocking."""


class Exchange:
    """One stream of a connection, from either end. Any thread may call any method, one sends at a time."""

    def __init__(self, connection: Carrier, number: int) -> None:
        self.number = number
        self.headers: Headers | None = None
        self.trailers: Headers = ()
        self._on = connection
        self._changed = threading.Condition(connection.lock)
        self._opened = threading.Condition(connection.lock)
        self._received: deque[bytes] = deque()
        self._granted = 0
        self._wanted = 0
        self.ended_there = False
        self.closed_here = False
        self.fault: Exception | None = None

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
                if self.ended_there:
                    return None
                self._check()
                self._changed.wait()
            data = b"".join(self._received) if len(self._received) > 1 else self._received[0]
            self._received.clear()
            granted = self._grant(len(data))
        if granted:
            self._on.flush_some()
        return data

    def write(self, data: Pieces, *, end: bool = False) -> None:
        """Send `data`, then the end of our side if `end`. Blocks; raises `ResetError` or `LostError`."""
        connection = self._on
        while data.left:
            with self._changed:
                self._wait_window(data.left)
                connection.frame(self, data)
            connection.flush()
        if end:
            self.end()

    def end(self) -> None:
        """End our side, if that has not happened yet."""
        with self._changed:
            if self.closed_here or self.fault:
                return
            self.closed_here = True
            self._on.h2.end_stream(self.number)
            self._on.retire(self)
        self._on.flush()

    def send_headers(self, headers: Headers, *, end: bool = False) -> None:
        """Send headers or trailers, in the server's role. Raises `ResetError` or `LostError`."""
        with self._changed:
            self._check_open()
            self._on.h2.send_headers(self.number, headers, end_stream=end)
            if end:
                self.closed_here = True
                self._on.retire(self)
        self._on.flush()

    def reset(self, code: ErrorCodes = ErrorCodes.CANCEL) -> None:
        """Tear the stream down and wake whoever waits on it with `ResetError`. Harmless when it is over."""
        with self._changed:
            if self.done:
                return
            self._on.h2.reset_stream(self.number, code)
            self.fail(ResetError(code))
        # whoever gives up waits for nobody: the peer may have stopped reading
        self._on.flush_some()

    def stop_peer(self) -> None:
        """After our end: reset the stream with NO_ERROR if the peer has not ended its side."""
        with self._changed:
            if self.ended_there or self.fault:
                return
            self._on.h2.reset_stream(self.number, ErrorCodes.NO_ERROR)
            self.fail(ResetError(ErrorCodes.NO_ERROR))
        self._on.flush()

    @property
    def done(self) -> bool:
        """Whether both sides have ended, or the stream broke."""
        return self.fault is not None or (self.ended_there and self.closed_here)

    @property
    def over(self) -> bool:
        """Whether nothing more will come from the peer."""
        return self.ended_there or self.fault is not None

    def writable(self) -> bool:
        """Whether a few hundred bytes can be sent without blocking."""
        with self._changed:
            is_open = not self.fault and not self.closed_here
            has_room = is_open and self._on.h2.local_flow_control_window(self.number) >= 512
        return has_room and self._on.writable()

    # What follows is called with the connection's lock held.

    def _check(self) -> None:
        if self.fault:
            raise self.fault

    def _check_open(self) -> None:
        self._check()
        if self.closed_here:
            raise ResetError(ErrorCodes.STREAM_CLOSED)

    def _wait_window(self, left: int) -> None:
        h2, waited = self._on.h2, False
        while True:
            self._check_open()
            window = h2.local_flow_control_window(self.number)
            wanted = min(left, WAKE, max(1, h2.remote_settings.initial_window_size // 2))
            if window >= wanted or (waited and window > 0):
                return
            self._wanted = wanted
            waited = not self._opened.wait(PATIENCE)

    def window_opened(self) -> None:
        if self._wanted and self._on.h2.local_flow_control_window(self.number) >= self._wanted:
            self._wanted = 0
            self._opened.notify_all()

    def _grant(self, count: int) -> bool:
        self._granted += count
        if self._granted < STREAM_WINDOW // 4 or self.over:
            return False
        self._on.h2.increment_flow_control_window(self._granted, self.number)
        self._granted = 0
        return True

    def answer(self, headers: Headers) -> None:
        self.headers = headers
        self._changed.notify_all()

    def receive(self, data: bytes) -> None:
        self._received.append(data)
        self._changed.notify_all()

    def end_there(self) -> None:
        self.ended_there = True
        self._on.retire(self)
        self._changed.notify_all()

    def fail(self, fault: Exception) -> None:
        if not self.done:
            self.fault = fault
        self._on.retire(self)
        self._changed.notify_all()
        self._opened.notify_all()


def name_of(code: int) -> str:
    """An HTTP/2 error code in words."""
    try:
        return ErrorCodes(code).name
    except ValueError:
        return f"error {code}"
