"""Trees that can be sent: a folder on disk, or one made of bytes.

Gives a `Tree`: the entries of one directory at a time, what they are, and what is in them. The rule:
nothing is read that was not asked for, and what vanishes in between is left out rather than an error.
Names are bytes, as the file system has them.
"""

from __future__ import annotations

import errno
import io
import os
import time
from typing import TYPE_CHECKING, NamedTuple, Protocol

from bake.buildkit.fsutil.stat import DEVICE, DIRECTORY, Stat, go_mode, read_xattrs
from bake.errors import BakeError

if TYPE_CHECKING:
    from collections.abc import Mapping

_OPEN_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
"""A regular file that has become a symlink or a pipe since it was listed is not followed or waited for."""

_VANISHED = frozenset((errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENXIO))
"""What opening says of a name that is gone, or is no regular file (any more); sockets give the last."""

Inode = tuple[int, int]
"""Device and inode number."""


class TreeError(BakeError):
    """A tree, or something in it, that cannot be read."""


class Child(NamedTuple):
    """An entry of a directory as listed, not yet looked at closely."""

    name: bytes
    is_directory: bool
    is_symlink: bool
    source: os.DirEntry[bytes] | Stat


class Tree(Protocol):
    """A tree of files. Paths are relative to its root, which is b""."""

    def children(self, directory: bytes) -> list[Child]:
        """The entries of a directory in the order of their names' bytes; none if it has vanished.

        Raises PermissionError if it may not be listed, otherwise `TreeError`.
        """

    def describe(self, path: bytes, child: Child, links: dict[Inode, bytes]) -> Stat | None:
        """What the entry is, None if it has vanished.

        `links` remembers the first name of each file that has several; later names become links to it.
        Raises `TreeError`.
        """

    def open(self, path: bytes) -> Content | None:
        """A regular file's content, None if it has vanished. Raises `TreeError`."""

    def readlink(self, path: bytes) -> bytes | None:
        """A symlink's target; None for anything else."""


class Content(Protocol):
    """An open file, read from start to end."""

    def readinto(self, buffer: memoryview, /) -> int:
        """Fill the start of `buffer`; gives how much of it, 0 at the end. Raises `TreeError`."""

    def close(self) -> None: ...


class _OpenFile:
    """A file on disk. It is read, not mapped: a mapped file that shrinks is a crash."""

    __slots__ = ("_file", "_path")

    def __init__(self, path: bytes, file: int) -> None:
        self._path = path
        self._file = file

    def readinto(self, buffer: memoryview, /) -> int:
        try:
            return os.readv(self._file, (buffer,))
        except OSError as exc:
            raise unreadable(self._path, exc) from exc

    def close(self) -> None:
        os.close(self._file)


class DiskTree:
    """A folder, or a symlink to one; raises `TreeError` for anything else."""

    def __init__(self, root: str) -> None:
        self.root = os.path.realpath(os.fsencode(root))
        if not os.path.isdir(self.root):
            raise TreeError("not a directory", detail=f"`{root}`")

    def children(self, directory: bytes) -> list[Child]:
        try:
            with os.scandir(self._locate(directory)) as entries:
                found = [
                    Child(entry.name, entry.is_dir(follow_symlinks=False), entry.is_symlink(), entry)
                    for entry in entries
                ]
        except (FileNotFoundError, NotADirectoryError):
            return []
        except PermissionError:
            raise
        except OSError as exc:
            raise unreadable(directory, exc) from exc
        found.sort()
        return found

    def describe(self, path: bytes, child: Child, links: dict[Inode, bytes]) -> Stat | None:
        full = self._locate(path)
        try:
            info = os.lstat(full)
            mode = go_mode(info.st_mode)
            if mode & DIRECTORY:
                return Stat(path, mode, 0, info.st_mtime_ns, xattrs=read_xattrs(full))
            linkname = os.readlink(full) if child.is_symlink else b""
            xattrs = read_xattrs(full)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as exc:
            raise unreadable(path, exc) from exc
        major = minor = 0
        if info.st_nlink > 1 and not linkname:
            first = links.setdefault((info.st_dev, info.st_ino), path)
            linkname = b"" if first == path else first
        if mode & DEVICE:
            major, minor = os.major(info.st_rdev), os.minor(info.st_rdev)
        return Stat(path, mode, info.st_size, info.st_mtime_ns, linkname, major, minor, xattrs)

    def open(self, path: bytes) -> Content | None:
        try:
            return _OpenFile(path, os.open(self._locate(path), _OPEN_FLAGS))
        except OSError as exc:
            if exc.errno in _VANISHED:
                return None
            raise unreadable(path, exc) from exc

    def readlink(self, path: bytes) -> bytes | None:
        try:
            return os.readlink(self._locate(path))
        except OSError:
            return None

    def _locate(self, path: bytes) -> bytes:
        return self.root + b"/" + path


class MemoryTree:
    """A tree made of bytes: regular files (0644) in directories (0755), by their relative paths.

    All are as old as the tree object: BuildKit takes a file of the same size and time for unchanged.
    """

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._mtime = time.time_ns()
        self._files = {os.fsencode(path): data for path, data in files.items()}
        self._directories: dict[bytes, dict[bytes, Stat]] = {b"": {}}
        for path, data in self._files.items():
            self._add(Stat(path, 0o644, len(data), self._mtime))

    def children(self, directory: bytes) -> list[Child]:
        found = self._directories.get(directory, {})
        return [Child(name, stat.is_directory, False, stat) for name, stat in sorted(found.items())]

    def describe(self, path: bytes, child: Child, links: dict[Inode, bytes]) -> Stat | None:  # noqa: ARG002
        return child.source if isinstance(child.source, Stat) else None

    def open(self, path: bytes) -> Content | None:
        data = self._files.get(path)
        return None if data is None else io.BytesIO(data)

    def readlink(self, path: bytes) -> bytes | None:  # noqa: ARG002
        return None

    def _add(self, stat: Stat) -> None:
        parent, _, name = stat.path.rpartition(b"/")
        if parent not in self._directories:
            self._directories[parent] = {}
            self._add(Stat(parent, DIRECTORY | 0o755, 0, self._mtime))
        self._directories[parent][name] = stat


def unreadable(path: bytes, exc: OSError) -> TreeError:
    """The error for a path that cannot be read, with the system's reason."""
    return TreeError(
        "cannot read the build context",
        detail=f"`{os.fsdecode(path) or '.'}`: {exc.strerror or exc}",
        hint="fix its permissions, or leave it out with .dockerignore",
    )
