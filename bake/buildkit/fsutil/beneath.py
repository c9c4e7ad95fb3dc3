"""Names below an open directory, reached one component after the other and never through a symlink.

Takes a directory's descriptor and a relative path of bytes. The rule: no path, whoever wrote it, leads
out of that directory; every component is opened with O_NOFOLLOW from its parent's descriptor.
"""

from __future__ import annotations

import errno
import os
import stat
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_FLAGS: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_EFFECTIVE: Final = os.access in os.supports_effective_ids


def is_safe(path: bytes) -> bool:
    """Whether `path` is relative and in its shortest form, so without `..`."""
    return b"\0" not in path and all(part not in (b"", b".", b"..") for part in path.split(b"/"))


def split(path: bytes) -> tuple[bytes, bytes]:
    """The directory (b"" for the root) and the name."""
    directory, _, name = path.rpartition(b"/")
    return directory, name


def open_directory(root: int, path: bytes) -> int:
    """A new descriptor of the directory `path` below `root`; raises OSError."""
    current = os.dup(root)
    try:
        for part in path.split(b"/") if path else ():
            parent, current = current, os.open(part, _FLAGS, dir_fd=current)
            os.close(parent)
    except BaseException:
        os.close(current)
        raise
    return current


@contextmanager
def directory(root: int, path: bytes) -> Iterator[int]:
    """`open_directory` for the length of a block."""
    opened = open_directory(root, path)
    try:
        yield opened
    finally:
        os.close(opened)


class Directories:
    """Directories below `root`, with the last one kept open: paths come in runs of one directory."""

    def __init__(self, root: int) -> None:
        self._root = root
        self._path: bytes | None = None
        self._opened = -1

    def parent(self, path: bytes) -> tuple[int, bytes]:
        """The descriptor of the directory that holds `path`, valid until the next call, and the name."""
        folder, name = split(path)
        if folder != self._path:
            opened = open_directory(self._root, folder)
            self.close()
            self._path, self._opened = folder, opened
        return self._opened, name

    def close(self) -> None:
        if self._opened >= 0:
            os.close(self._opened)
        self._path, self._opened = None, -1


def names(opened: int) -> list[tuple[bytes, bool]]:
    """What an open directory holds: names, and whether each is a directory itself (not a link to one)."""
    with os.scandir(opened) as entries:
        return [(os.fsencode(entry.name), entry.is_dir(follow_symlinks=False)) for entry in entries]


def is_directory(opened: int, name: bytes) -> bool | None:
    """Whether `name` in an open directory is a directory itself; None if there is nothing."""
    try:
        return stat.S_ISDIR(os.stat(name, dir_fd=opened, follow_symlinks=False).st_mode)
    except FileNotFoundError:
        return None


def is_same(opened: int, name: bytes, other: int, other_name: bytes) -> bool:
    """Whether two names in open directories are there, and names of one entry."""
    try:
        return os.path.samestat(
            os.stat(name, dir_fd=opened, follow_symlinks=False),
            os.stat(other_name, dir_fd=other, follow_symlinks=False),
        )
    except FileNotFoundError:
        return False


def unlock(opened: int) -> None:
    """Let the owner write to an open directory."""
    mode = stat.S_IMODE(os.fstat(opened).st_mode)
    if mode & 0o700 != 0o700:
        with suppress(PermissionError):
            os.fchmod(opened, mode | 0o700)


def check_removable(opened: int, name: bytes) -> None:
    """Raise PermissionError if `remove` would come to a directory that it can neither change nor unlock."""
    folders = [name] if is_directory(opened, name) else []
    for folder in folders:
        with directory(opened, folder) as current:
            found = names(current)
            is_ours = os.fstat(current).st_uid == os.geteuid()
            if (
                found
                and not is_ours
                and not os.access(".", os.W_OK, dir_fd=current, effective_ids=_EFFECTIVE)
            ):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), os.fsdecode(folder))
            folders += [folder + b"/" + child for child, is_folder in found if is_folder]


def remove(opened: int, name: bytes) -> None:
    """Remove `name`, and all below it if it is a directory; raises OSError.

    Without recursion or a descriptor per level: the tree may be as deep as it likes.
    """
    if not is_directory(opened, name):
        os.unlink(name, dir_fd=opened)
        return
    folders = [name]
    for folder in folders:
        with directory(opened, folder) as current:
            unlock(current)
            for child, is_folder in names(current):
                if is_folder:
                    folders.append(folder + b"/" + child)
                else:
                    os.unlink(child, dir_fd=current)
    for folder in reversed(folders):
        above, last = split(folder)
        with directory(opened, above) as current:
            os.rmdir(last, dir_fd=current)


def remove_quietly(opened: int, name: bytes) -> None:
    """`remove` as far as that is possible."""
    with suppress(OSError):
        remove(opened, name)
