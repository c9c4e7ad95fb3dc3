"""The seam between a run and what a person sees of it: a display, fed from one thread.

Builders emit from many threads and must never wait for a terminal; so events go through a queue, and
one thread feeds the display and lets it catch up a few times a second.
"""

from __future__ import annotations

import queue
import threading
import time
from typing import TYPE_CHECKING, Literal, Protocol, get_args

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TextIO

    from bake.progress import Event

Mode = Literal["auto", "json", "none", "plain", "quiet", "rawjson", "tty"]
MODES: tuple[str, ...] = get_args(Mode)
TICK = 0.1


class Display(Protocol):
    """Takes events one at a time, writes on `tick`, and what is left on `close`."""

    def __call__(self, event: Event) -> None: ...

    def tick(self) -> None: ...

    def close(self) -> None: ...


class Quiet:
    """Shows nothing."""

    def __call__(self, event: Event) -> None: ...

    def tick(self) -> None: ...

    def close(self) -> None: ...


def make_display(mode: str, out: TextIO, clock: Callable[[], float], description: str = "") -> Display:
    """The display called `mode`, one of `MODES`, writing to `out`."""
    if mode in ("quiet", "none"):
        return Quiet()
    if mode == "rawjson":
        from bake.ui.rawjson import RawJson

        return RawJson(out)
    if mode == "json":
        from bake.ui.json_lines import JsonLines

        return JsonLines(out, clock, description)
    if _is_live(mode, out):
        from bake.ui.live import Live

        return Live(out, clock, description)
    from bake.ui.plain import Plain

    return Plain(out, clock, description)


def summarizes(mode: str, out: TextIO, targets: int) -> bool:
    """Whether that display shows how each target ended: always on a terminal, in a log from two on."""
    if mode == "json" or _is_live(mode, out):
        return True
    return mode in ("auto", "plain") and targets > 1


def _is_live(mode: str, out: TextIO) -> bool:
    return mode == "tty" or (mode == "auto" and out.isatty())


class Pump:
    """Carries events from any thread to one display: call it to emit, leave the `with` to finish."""

    def __init__(self, display: Display) -> None:
        self._display = display
        self._queue: queue.SimpleQueue[Event | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="display", daemon=True)
        self._fault: BaseException | None = None

    def __call__(self, event: Event) -> None:
        self._queue.put(event)

    def __enter__(self) -> Pump:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._queue.put(None)
        self._thread.join()
        if self._fault and not isinstance(self._fault, BrokenPipeError):
            raise self._fault

    def _run(self) -> None:
        try:
            self._feed()
            self._display.close()
        except BaseException as fault:
            self._fault = fault

    def _feed(self) -> None:
        due = time.monotonic() + TICK
        while True:
            try:
                event = self._queue.get(timeout=max(0.0, due - time.monotonic()))
            except queue.Empty:
                self._display.tick()
                due = time.monotonic() + TICK
                continue
            if event is None:
                return
            self._display(event)
