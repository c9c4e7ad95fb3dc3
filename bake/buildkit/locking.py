"""Files that are locked while they may go away: moved to another name, or deleted, by whoever holds them.

Takes paths, gives descriptors. The rule: a lock counts only if the file still has its name once it is held.
"""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

SHARED: Final = fcntl.LOCK_SH
ALONE: Final = fcntl.LOCK_EX

_PAUSE: Final = 0.05
"""Seconds between two tries for a file that someone else holds."""


def take(path: str, patience: float) -> int:
    """The open and locked file at `path`, made with its folder if it is not there.

    Raises BlockingIOError if someone else has it for longer than `patience` seconds, OSError if it cannot be
    made.
    """
    deadline = time.monotonic() + patience
    while True:
        fault: OSError = BlockingIOError()
        try:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except (FileExistsError, FileNotFoundError) as exc:
            fault = exc  # whoever had the file takes its folder away: there when it was to be made, then gone
        else:
            if _is_ours(file, path, ALONE):
                return file
            os.close(file)
        if time.monotonic() >= deadline:
            raise fault
        time.sleep(_PAUSE)


@contextmanager
def held(path: str, lock: int) -> Iterator[int | None]:
    """The locked file at `path`; None if there is none that can be read, or it is held otherwise just now."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        yield None
        return
    try:
        yield file if _is_ours(file, path, lock) else None
    finally:
        os.close(file)


def _is_ours(file: int, path: str, lock: int) -> bool:
    """Whether the lock was free, and the file is still the one of that name."""
    try:
        fcntl.flock(file, lock | fcntl.LOCK_NB)
        return os.path.samestat(os.fstat(file), os.stat(path))
    except (BlockingIOError, FileNotFoundError):
        return False
