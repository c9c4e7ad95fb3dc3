"""Where exporters' output lands on this machine: a file, a stream, a folder.

The rule: an output lands whole or not at all; while a transfer may still fail, the former output stays.
"""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from bake.errors import ExportError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import BinaryIO

    from bake.buildkit.fsutil.staging import Staging
    from bake.buildkit.stream import Buffer


class Sink(Protocol):
    """Takes one stream of bytes. Each method but `abort` may raise `ExportError`."""

    def open(self, metadata: Mapping[str, str]) -> None:
        """Begin; `metadata` is what the exporter says of the stream (often nothing)."""

    def write(self, data: Buffer) -> None: ...

    def commit(self) -> None:
        """All has come: make it the output."""

    def abort(self) -> None:
        """The transfer failed: leave the former output as it was. Raises nothing."""


class FileSink:
    """A file, written beside its final place and moved there.

    A symlink keeps pointing where it did, a file its mode. What is no regular file (/dev/stdout, a
    named pipe) is written to directly.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._target = path
        self._temporary: str | None = None
        self._file = -1

    def open(self, metadata: Mapping[str, str]) -> None:  # noqa: ARG002
        self._target = os.path.realpath(self._path)
        try:
            os.makedirs(os.path.dirname(self._target), exist_ok=True)
            if _is_replaceable(self._target):
                folder, name = os.path.split(self._target)
                self._temporary = os.path.join(folder, f".{name[:200]}.{os.urandom(6).hex()}")
                flags = os.O_CREAT | os.O_EXCL
            else:
                flags = 0
            self._file = os.open(self._temporary or self._path, os.O_WRONLY | os.O_CLOEXEC | flags, 0o666)
        except OSError as exc:
            raise unwritable(self._path, exc) from exc

    def write(self, data: Buffer) -> None:
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[os.write(self._file, rest) :]
        except OSError as exc:
            raise unwritable(self._path, exc) from exc

    def commit(self) -> None:
        try:
            self._close()
            if self._temporary is not None:
                with suppress(FileNotFoundError):
                    os.chmod(self._temporary, stat.S_IMODE(os.stat(self._target).st_mode))
                os.replace(self._temporary, self._target)
        except OSError as exc:
            raise unwritable(self._path, exc) from exc
        self._temporary = None

    def abort(self) -> None:
        with suppress(OSError):
            self._close()
        if self._temporary is not None:
            with suppress(OSError):
                os.unlink(self._temporary)
            self._temporary = None

    def _close(self) -> None:
        file, self._file = self._file, -1
        if file >= 0:
            os.close(file)


class StreamSink:
    """An open binary file, as standard output is; what was written before a failure stays written."""

    def __init__(self, file: BinaryIO, name: str = "standard output") -> None:
        self._stream = file
        self._name = name

    def open(self, metadata: Mapping[str, str]) -> None: ...

    def write(self, data: Buffer) -> None:
        try:
            self._stream.write(data)
        except OSError as exc:
            raise unwritable(self._name, exc) from exc

    def commit(self) -> None:
        try:
            self._stream.flush()
        except OSError as exc:
            raise unwritable(self._name, exc) from exc

    def abort(self) -> None: ...


class TreeSink:
    """A folder that takes a tree of files; see `bake.buildkit.fsutil.receiver` for what it promises.

    `clean` removes what was not sent (buildx's `mode=delete`).
    """

    def __init__(self, path: str, *, clean: bool = False) -> None:
        self.path = path
        self.clean = clean

    def accept(self, staging: Staging) -> None:
        """All has come: make it the output. Raises ExportError."""
        staging.place(clean=self.clean)
        staging.close()


def unwritable(path: str, exc: OSError) -> ExportError:
    """The error for an output that cannot be written, with the system's reason."""
    hint = _MENDS.get(exc.errno or 0)
    return ExportError("cannot write the output", detail=f"`{path}`: {exc.strerror or exc}", hint=hint)


_MENDS = {
    errno.EACCES: "may you write there? Name another place with `dest`",
    errno.ENOSPC: "free space where the output goes",
    errno.EROFS: "its file system is read-only: name another place with `dest`",
}
"""What the system said → the next step."""


def _is_replaceable(path: str) -> bool:
    """Whether `path` is a regular file or nothing yet. Raises OSError."""
    try:
        return stat.S_ISREG(os.stat(path).st_mode)
    except FileNotFoundError:
        return True
