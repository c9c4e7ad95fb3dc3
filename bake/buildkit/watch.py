"""An end for builds whose peer has fallen silent: a network that drops everything, a daemon that hangs.

BuildKit asks each session for its health every few seconds, so a daemon that works is never silent for
long; nothing else on the wire would ever tell that it is gone. What is counted are looks, not the time: a
process that was stopped for an hour has not listened, and must not blame the peer.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bake.buildkit.http2 import Connection

TICK = 5.0
"""Seconds between two looks."""
LOOKS = 24
"""Looks without a byte from the peer after which it is given up: two minutes."""


class Watch:
    """Looks after `connections` for as long as `is_busy`; any thread may call any method."""

    def __init__(
        self, connections: Callable[[], Sequence[Connection]], is_busy: Callable[[], bool], tick: float = TICK
    ) -> None:
        self._connections = connections
        self._is_busy = is_busy
        self._tick = tick
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        self._looking = False
        self._thread: threading.Thread | None = None

    def begin(self) -> None:
        """Look, if nobody does yet."""
        with self._lock:
            self._stopped.clear()
            if not self._looking:
                self._looking = True
                self._thread = threading.Thread(target=self._look, name="watch", daemon=True)
                self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        self._stopped.set()

    def _look(self) -> None:
        heard, silent = -1, 0
        while self._goes_on():
            if self._stopped.wait(self._tick):
                continue
            now = sum(one.received for one in self._connections())
            heard, silent = now, silent + 1 if now == heard else 0
            if silent >= LOOKS:
                for one in self._connections():
                    one.give_up(f"nothing was heard from it for {LOOKS * self._tick:g} s")
                heard, silent = -1, 0

    def _goes_on(self) -> bool:
        """Whether there is something to look after; decided while nobody begins, who would count on us."""
        with self._lock:
            self._looking = self._is_busy() and not self._stopped.is_set()
            return self._looking
