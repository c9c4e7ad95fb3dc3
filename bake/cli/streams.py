"""The three standard streams as every command may take them: they are there, and what fails is known for it.

A process can be started without them (`>&-`); the next file that is opened would then be written to as
standard output. A result that cannot be written is an `OutputError`. Standard error only tells: a full disk
behind it is no reason to end a build.
"""

from __future__ import annotations

import io
import os
import sys
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

STDIN, STDOUT, STDERR = range(3)
_MISSING = {STDIN: os.O_RDONLY, STDOUT: os.O_RDONLY, STDERR: os.O_WRONLY}
"""How /dev/null stands in for each: reading ends at once, results are refused, what is told is lost."""


class OutputError(OSError):
    """Standard output takes no more."""


def settle() -> None:
    """Make the process's own streams so. Those that somebody has put in their place are left alone."""
    for number, mode in _MISSING.items():
        if not _is_open(number):
            os.open(os.devnull, mode)  # takes the lowest free number
    if sys.stdin is None:
        sys.stdin = io.TextIOWrapper(io.BufferedReader(io.FileIO(STDIN, closefd=False)))
    if sys.stdout is sys.__stdout__:
        sys.stdout = _writer(_Results(STDOUT, "wb", closefd=False), sys.stdout)
    if sys.stderr is sys.__stderr__:
        sys.stderr = _writer(_Tales(STDERR, "wb", closefd=False), sys.stderr)


def _is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


def _writer(raw: io.FileIO, former: TextIO | None) -> io.TextIOWrapper:
    """A text stream as Python made `former`, over `raw`."""
    settings = (former.encoding, former.errors, former.line_buffering) if former else ("utf-8", None, True)
    encoding, errors, line_buffering = settings
    return io.TextIOWrapper(io.BufferedWriter(raw), encoding, errors, line_buffering=bool(line_buffering))


class _Results(io.FileIO):
    def write(self, data: ReadableBuffer, /) -> int:
        try:
            return super().write(data)
        except BrokenPipeError:
            raise
        except OSError as exc:
            raise OutputError(exc.errno, exc.strerror) from exc


class _Tales(io.FileIO):
    """Takes everything, also what it cannot write."""

    def write(self, data: ReadableBuffer, /) -> int:
        try:
            return super().write(data)
        except OSError:
            return memoryview(data).nbytes
