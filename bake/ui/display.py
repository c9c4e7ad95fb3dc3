"""The seam between a run and what a person sees of it: a display, fed from one thread.

Builders emit from many threads and must never wait for a terminal; so events go through a queue, and
one thread feeds the display and lets it catch up a few times a second.
"""

from __future__ import annotations

import os
import queue
import threading
import time
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, Protocol, get_args

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TextIO

    from bake.progress import Event

Mode = Literal["auto", "json", "none", "plain", "quiet", "rawjson", "tty"]
MODES: tuple[str, ...] = get_args(Mode)
TICK = 0.1
STANDARD = (80, 24)


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


def make_display(
    mode: str,
    out: TextIO,
    clock: Callable[[], float],
    description: str = "",
    environment: Mapping[str, str] = MappingProxyType({}),
) -> Display:
    """The display called `mode`, one of `MODES`, writing to `out`.

    `environment` may have TERM, which says that the terminal can do nothing, and NO_COLOR.
    """
    if mode in ("quiet", "none"):
        return Quiet()
    if mode == "rawjson":
        from bake.ui.rawjson import RawJson

        return RawJson(out)
    if mode == "json":
        from bake.ui.json_lines import JsonLines

        return JsonLines(out, clock, description)
    if _is_live(mode, out) and environment.get("TERM") != "dumb":
        from bake.ui.live import Live

        return Live(out, clock, description, partial(_size, out), color=not environment.get("NO_COLOR"))
    from bake.ui.plain import Plain

    return Plain(out, clock, description)


def summarizes(mode: str, out: TextIO, targets: int) -> bool:
    """Whether that display shows how each target ended: always on a terminal, in a log from two on."""
    if mode == "json" or _is_live(mode, out):
        return True
    return mode in ("auto", "plain", "tty") and targets > 1


def _is_live(mode: str, out: TextIO) -> bool:
    return mode in ("auto", "tty") and out.isatty()


def _size(out: TextIO) -> tuple[int, int]:
    """Columns and rows; a terminal that does not know them is an old one."""
    try:
        width, height = os.get_terminal_size(out.fileno())
    except (OSError, ValueError):
        return STANDARD
    return width or STANDARD[0], height or STANDARD[1]


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
        # what cannot be shown, to a pipe without a reader for one, is no fault of the build
        if self._fault and not isinstance(self._fault, OSError):
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
            now = time.monotonic()
            if now >= due:
                self._display.tick()
                due = now + TICK
            try:
                event = self._queue.get(timeout=due - now if due > now else TICK)
            except queue.Empty:
                continue
            if event is None:
                return
            self._display(event)
