"""Files that are written whole or not at all; folders that are made."""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO


def replace(path: str, data: bytes, *, mode: int = 0o666) -> None:
    """Make `data` the content of the file `path`: written beside it, then moved there.

    A file that is there keeps its permissions, a symbolic link stays one; a new file gets `mode` less the
    umask. What cannot be moved to is written straight: a device, a pipe. Raises OSError, leaving nothing
    behind.
    """
    target = os.path.realpath(path)
    if os.path.exists(target) and not os.path.isfile(target):
        with open(target, "wb", buffering=0) as file:
            file.write(data)
        return
    with becoming(target, f"{target}.{os.urandom(6).hex()}", mode) as file:
        file.write(data)
        with suppress(FileNotFoundError):
            os.fchmod(file.fileno(), os.stat(target).st_mode & 0o7777)


@contextmanager
def becoming(path: str, beside: str, mode: int) -> Iterator[BinaryIO]:
    """A new file `beside`, on the same file system, that becomes `path` when the block has ended well.

    Raises OSError; whatever is raised, nothing is left behind.
    """
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    try:
        with open(descriptor, "wb") as file:
            yield file
        os.replace(beside, path)
    except BaseException:
        with suppress(OSError):
            os.remove(beside)
        raise


def missing(path: str) -> list[str]:
    """Which directories making the directory `path` would make, the last first."""
    found = []
    while path and not os.path.lexists(path):
        found.append(path)
        path = os.path.dirname(path)
    return found
