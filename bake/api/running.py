"""A build while it runs: its events, its result, and the way to stop it; for threads and for asyncio alike.

Takes the work, which a thread of the run's own carries out. Its rule: there is one implementation; an event
loop is woken by that thread and never blocked, and waiting for a result is the same wait on both sides.
"""

from __future__ import annotations

import contextlib
import threading
from collections import deque
from typing import TYPE_CHECKING

from bake.engine.cancellation import Cancellation

if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncIterator, Callable, Generator, Iterator
    from typing import Self

    from bake.api.outcome import Result
    from bake.progress import Emit, Event

WAKE = 0.1
"""Seconds that the main thread sleeps at a stretch."""


class Run:
    """A build that was started.

    Iterate over it, with `for` or `async for`, to see its events as they come; each is given once. `result()`
    waits for the end, as does `await run`. Leaving `with run:` or `async with run:` early cancels it. Any
    thread may call any method. With a callback there is nothing to iterate over: events are told to that,
    from one thread at a time.
    """

    def __init__(
        self,
        work: Callable[[Emit, Cancellation], Result],
        on_event: Emit | None = None,
        cancellation: Cancellation | None = None,
    ) -> None:
        self._work = work
        self._cancellation = cancellation or Cancellation()
        self._events: deque[Event] = deque()
        self._news = threading.Condition()
        self._wakers: list[Callable[[], None]] = []
        self._result: Result | None = None
        self._fault: BaseException | None = None
        self._over = threading.Event()
        self._emit: Emit = on_event or self._keep
        threading.Thread(target=self._carry_out, name="run", daemon=True).start()

    @property
    def done(self) -> bool:
        """Whether it has ended, however that was."""
        return self._over.is_set()

    def cancel(self) -> None:
        """Ask it to stop, which takes a moment: `wait` says when it has. For signal handlers too."""
        self._cancellation.cancel()

    def wait(self) -> Result:
        """What it gave, once it has ended; failures of targets are in the result. Blocks. A KeyboardInterrupt
        cancels it.

        Raises what kept it from running at all: BuilderError, DefinitionError, UsageError, or a group.
        """
        # a signal that comes just before the main thread blocks is handled when it wakes, so it must wake
        try:
            while not self._over.wait(WAKE):
                pass
        except BaseException:
            # a lock that an interrupt broke says RuntimeError
            self.cancel()
            raise
        if self._result is None:
            raise self._fault or RuntimeError("a run ended without a result")
        return self._result

    def result(self) -> Result:
        """What it gave, once it has ended. Blocks. Raises as `wait` does, and failures of targets:
        SolveError, ExportError, CanceledError, or a group of them."""
        found = self.wait()
        found.raise_errors()
        return found

    def __iter__(self) -> Iterator[Event]:
        while True:
            with self._news:
                self._news.wait_for(lambda: self._events or self._over.is_set())
                if not self._events:
                    return
                event = self._events.popleft()
            yield event

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.cancel()
        self._over.wait()

    async def __aiter__(self) -> AsyncIterator[Event]:
        with self._waking() as news:
            while True:
                news.clear()
                over = self._over.is_set()
                while self._events:
                    yield self._events.popleft()
                if over:
                    return
                await news.wait()

    def __await__(self) -> Generator[object, None, Result]:
        return self._ended().__await__()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.cancel()
        await self._until_over()

    async def _ended(self) -> Result:
        try:
            await self._until_over()
        except BaseException:
            # whoever gives up waiting wants no build any more
            self.cancel()
            raise
        return self.result()

    async def _until_over(self) -> None:
        with self._waking() as news:
            while not self._over.is_set():
                news.clear()
                if not self._over.is_set():
                    await news.wait()

    @contextlib.contextmanager
    def _waking(self) -> Iterator[asyncio.Event]:
        """An event of the running loop, set whenever there is something new."""
        import asyncio

        loop, news = asyncio.get_running_loop(), asyncio.Event()

        def wake() -> None:
            with contextlib.suppress(RuntimeError):  # the loop was closed meanwhile
                loop.call_soon_threadsafe(news.set)

        self._wakers.append(wake)
        try:
            yield news
        finally:
            self._wakers.remove(wake)

    # in the run's own thread

    def _carry_out(self) -> None:
        try:
            self._result = self._work(self._emit, self._cancellation)
        except BaseException as fault:
            self._fault = fault
        self._over.set()
        self._wake()

    def _keep(self, event: Event) -> None:
        self._events.append(event)
        self._wake()

    def _wake(self) -> None:
        with self._news:
            self._news.notify_all()
        for wake in list(self._wakers):
            wake()
