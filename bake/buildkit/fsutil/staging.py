"""A tree of files on its way into a folder.

Entries are written into a staging folder inside the destination, `.pybake-` and a random name, and moved
into place when all have come. What is promised:

- Until `commit`, nothing in the destination changes; `abort` leaves it as it was, and removes it if it
  was not there before.
- `commit` moves entry by entry, each with one rename: a file is the old one or the new one, never half
  of it. If a move fails, those before it have happened.
- What was not sent stays, as with buildx, or is removed by a `commit` with `clean`. Directories that
  exist are added to and take the mode and time that were sent; anything else that is in the way is
  replaced. No symlink is followed, below the destination itself.
- Room for both the old and the new files is needed for a while, and a killed process leaves the staging
  folder behind.
"""

from __future__ import annotations

import os
import stat as unix
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final, TypeVar

from bake.buildkit.fsutil import beneath
from bake.buildkit.fsutil.beneath import Directories
from bake.buildkit.fsutil.stat import CHARACTER_DEVICE, DEVICE, NAMED_PIPE, SYMLINK, unix_permissions
from bake.buildkit.services.sinks import unwritable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bake.buildkit.fsutil.stat import Stat

_T = TypeVar("_T")

_NEW_FILE: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


class Staging:
    """Takes entries in the order of their paths, directories before what is in them.

    `destination` is made if it is not there, for its owner alone, and so is what leads to it (BuildKit's
    client does the same). Every method but `abort` may raise `ExportError`.
    """

    def __init__(self, destination: str) -> None:
        self._path = destination
        self._missing = _missing(destination)
        self._name = b".pybake-" + os.urandom(8).hex().encode()
        with self._reported(b""):
            for path in reversed(self._missing):
                with suppress(FileExistsError):
                    os.mkdir(path, 0o700)
            self._destination = os.open(destination, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                os.mkdir(self._name, 0o700, dir_fd=self._destination)
                self._root = beneath.open_directory(self._destination, self._name)
            except OSError:
                os.close(self._destination)
                raise
        self._entries = Directories(self._root)
        self._files = Directories(self._root)
        self._folders: list[Stat] = []
        self._links: list[Stat] = []

    def add(self, stat: Stat) -> None:
        """An entry that has no content of its own: all but regular files."""
        if stat.is_directory:
            self._folders.append(stat)
        if stat.is_regular:
            self._links.append(stat)
            return
        with self._reported(stat.path):
            parent, name = self._entries.parent(stat.path)
            _make(parent, name, stat)

    def create(self, stat: Stat) -> int:
        """A descriptor to write a regular file's content to, and to hand to `finish`."""
        with self._reported(stat.path):
            parent, name = self._files.parent(stat.path)
            return _replacing(parent, name, lambda: os.open(name, _NEW_FILE, 0o600, dir_fd=parent))

    def write(self, stat: Stat, file: int, data: bytes) -> None:
        with self._reported(stat.path):
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(file, rest) :]

    def finish(self, stat: Stat, file: int) -> None:
        """The file is complete; closes it."""
        with self._reported(stat.path):
            try:
                _set_metadata(file, stat)
            finally:
                os.close(file)

    def commit(self, *, clean: bool = False) -> None:
        """Move everything into place; `clean` removes what was not sent."""
        for stat in self._links:
            self._link(stat)
        folders = [b""]
        for folder in folders:
            with self._reported(folder):
                folders += self._merge(folder, clean=clean)
        for stat in reversed(self._folders):
            with self._reported(stat.path), beneath.directory(self._destination, stat.path) as opened:
                _set_metadata(opened, stat)
        self._missing = []
        self.abort()

    def abort(self) -> None:
        """Leave nothing behind. Harmless after `commit`; raises nothing."""
        if self._root < 0:
            return
        self._entries.close()
        self._files.close()
        os.close(self._root)
        self._root = -1
        with suppress(OSError):
            beneath.remove(self._destination, self._name)
        os.close(self._destination)
        for path in self._missing:
            with suppress(OSError):
                os.rmdir(path)

    def _link(self, stat: Stat) -> None:
        with (
            self._reported(stat.path),
            beneath.directory(self._root, beneath.split(stat.linkname)[0]) as source,
        ):
            first = beneath.split(stat.linkname)[1]
            if not unix.S_ISREG(os.stat(first, dir_fd=source, follow_symlinks=False).st_mode):
                raise OSError(f"a link to {os.fsdecode(stat.linkname)}, which is no file")
            parent, name = self._entries.parent(stat.path)
            _replacing(
                parent,
                name,
                lambda: os.link(first, name, src_dir_fd=source, dst_dir_fd=parent, follow_symlinks=False),
            )

    def _merge(self, folder: bytes, *, clean: bool) -> list[bytes]:
        """Move what is in `folder`; gives the directories in it that exist on both sides."""
        both = []
        with (
            beneath.directory(self._root, folder) as staged,
            beneath.directory(self._destination, folder) as existing,
        ):
            beneath.unlock(existing)
            arrived = beneath.names(staged)
            if clean:
                keep = {name for name, _ in arrived} | {self._name}
                for name, _ in beneath.names(existing):
                    if name not in keep:
                        beneath.remove(existing, name)
            for name, is_folder in arrived:
                if is_folder and beneath.is_directory(existing, name):
                    both.append(folder + b"/" + name if folder else name)
                else:
                    _move(staged, existing, name, is_folder=is_folder)
        return both

    @contextmanager
    def _reported(self, path: bytes) -> Iterator[None]:
        try:
            yield
        except OSError as exc:
            place = os.path.join(self._path, os.fsdecode(path)) if path else self._path
            raise unwritable(place, exc) from exc


def _missing(path: str) -> list[str]:
    """Which directories making `path` would make, the last first."""
    found = []
    while path and not os.path.lexists(path):
        found.append(path)
        path = os.path.dirname(path)
    return found


def _make(parent: int, name: bytes, stat: Stat) -> None:
    if stat.is_directory:
        if not beneath.is_directory(parent, name):
            _replacing(parent, name, lambda: os.mkdir(name, 0o700, dir_fd=parent))
        return
    if stat.mode & SYMLINK:
        _replacing(parent, name, lambda: os.symlink(stat.linkname, name, dir_fd=parent))
    elif stat.mode & (DEVICE | NAMED_PIPE):
        _replacing(parent, name, lambda: _make_special(parent, name, stat))
    else:
        raise OSError(f"an entry of unknown kind (mode {stat.mode:#o})")
    os.utime(name, ns=(stat.mtime, stat.mtime), dir_fd=parent, follow_symlinks=False)


def _make_special(parent: int, name: bytes, stat: Stat) -> None:
    if stat.mode & NAMED_PIPE:
        os.mkfifo(name, 0o600, dir_fd=parent)
    else:
        kind = unix.S_IFCHR if stat.mode & CHARACTER_DEVICE else unix.S_IFBLK
        os.mknod(name, kind | 0o600, os.makedev(stat.major, stat.minor), dir_fd=parent)
    os.chmod(name, unix_permissions(stat.mode), dir_fd=parent)


def _replacing(parent: int, name: bytes, make: Callable[[], _T]) -> _T:
    """Make an entry; one that is in the way (two names that are one to a file system that ignores case)
    gives way."""
    try:
        return make()
    except FileExistsError:
        os.unlink(name, dir_fd=parent)
        return make()


def _move(staged: int, existing: int, name: bytes, *, is_folder: bool) -> None:
    """One rename; a directory is moved as a whole, and only onto nothing."""
    before = beneath.is_directory(existing, name)
    if before is not None and before != is_folder:
        beneath.remove(existing, name)
    os.rename(name, name, src_dir_fd=staged, dst_dir_fd=existing)


def _set_metadata(file: int, stat: Stat) -> None:
    """Attributes that this file system does not take are left out, as in the reference; the time goes
    last, as everything else may change it."""
    if hasattr(os, "setxattr"):
        for name, value in stat.xattrs.items():
            with suppress(OSError):
                os.setxattr(file, name, value)
    os.fchmod(file, unix_permissions(stat.mode))
    os.utime(file, ns=(stat.mtime, stat.mtime))
