"""Ctrl-C, at whatever moment it comes, is heard.

Python notes a signal and acts on it before the main thread's next instruction. Twice that leads nowhere: a
signal that comes just before a system call blocks wakes nobody, and a KeyboardInterrupt raised in a callback
(the import system has one for each module it imports) is printed and forgotten. A timer mends both: it wakes
the main thread, and sends again what was lost.
"""

from __future__ import annotations

import signal
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_BEAT: Final = 0.1
"""Seconds from one look to the next."""


@contextmanager
def heard() -> Iterator[None]:
    """No SIGINT is lost meanwhile. For the main thread of a process of ours: it takes SIGALRM."""
    lost = False

    def look(*_: object) -> None:
        nonlocal lost
        if lost:
            lost = False
            signal.raise_signal(signal.SIGINT)

    def ignored(found: sys.UnraisableHookArgs) -> None:
        nonlocal lost
        if found.exc_type is KeyboardInterrupt:
            lost = True
        else:
            sys.__unraisablehook__(found)

    sys.unraisablehook = ignored
    signal.signal(signal.SIGALRM, look)
    signal.setitimer(signal.ITIMER_REAL, _BEAT, _BEAT)
    try:
        yield
    finally:
        # Python's end gives the signal its deadly meaning back
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, signal.SIG_IGN)
