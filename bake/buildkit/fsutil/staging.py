"""A tree of files on its way into a folder.

Entries are written into a staging folder inside the destination, `.pybake-` and a random name, and moved
into place when all have come. What is promised:

- Until `place`, nothing in the destination changes; `close` leaves it as it was, and removes it if it
  was not there before.
- `place` moves everything, or nothing: if one entry cannot be moved, all others go back. A file is the old
  one or the new one at any time, never half of it. What made room is deleted by `close`; until then `undo`
  puts it back.
- What was not sent stays, as with buildx, or is removed by a `place` with `clean`. Directories that
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

from bake import files
from bake.buildkit.fsutil import beneath
from bake.buildkit.fsutil.beneath import Directories
from bake.buildkit.fsutil.placing import Placement
from bake.buildkit.fsutil.stat import CHARACTER_DEVICE, DEVICE, NAMED_PIPE, SYMLINK, unix_permissions
from bake.buildkit.services.sinks import unwritable
from bake.errors import ExportError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bake.buildkit.fsutil.stat import Stat

_T = TypeVar("_T")

_NEW: Final = b"new"
_OLD: Final = b"old"
_NEW_FILE: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


class Staging:
    """Takes entries in the order of their paths, directories before what is in them.

    `destination` is made if it is not there, for its owner alone, and so is what leads to it (BuildKit's
    client does the same). Every method but `undo` and `close` may raise `ExportError`.
    """

    def __init__(self, destination: str) -> None:
        self._path = destination
        self._missing = files.missing(destination)
        self._name = b".pybake-" + os.urandom(8).hex().encode()
        with self._reported(b""):
            for path in reversed(self._missing):
                with suppress(FileExistsError):
                    os.mkdir(path, 0o700)
            self._destination = os.open(destination, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                self._root, self._old = self._open()
            except OSError:
                beneath.remove_quietly(self._destination, self._name)
                os.close(self._destination)
                raise
        self._placement = Placement(self._root, self._destination, self._old)
        self._is_placed = self._is_stuck = False
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

    def place(self, *, clean: bool = False) -> None:
        """Move everything into place, or nothing; `clean` removes what was not sent."""
        try:
            self._place(clean=clean)
        except ExportError as exc:
            self.undo()
            if self._is_stuck:
                exc.hint = (
                    f"what was there before is in `{os.path.join(self._path, os.fsdecode(self._name))}`"
                )
            raise
        self._is_placed = True

    def undo(self) -> None:
        """Take back what `place` has done. Raises nothing: what cannot be put back stays where it is kept."""
        self._is_stuck = not self._placement.undo()
        self._is_placed = False

    def close(self) -> None:
        """Leave nothing behind but what is in its place. May be called again; raises nothing."""
        if self._root < 0:
            return
        self._entries.close()
        self._files.close()
        os.close(self._root)
        os.close(self._old)
        self._root = -1
        if not self._is_stuck:
            beneath.remove_quietly(self._destination, self._name)
        os.close(self._destination)
        for path in () if self._is_placed else self._missing:
            with suppress(OSError):
                os.rmdir(path)

    def _open(self) -> tuple[int, int]:
        """Make the staging folder: what is new in one half, what has to make room in the other."""
        os.mkdir(self._name, 0o700, dir_fd=self._destination)
        with beneath.directory(self._destination, self._name) as staging:
            for half in (_NEW, _OLD):
                os.mkdir(half, 0o700, dir_fd=staging)
            new = beneath.open_directory(staging, _NEW)
            try:
                return new, beneath.open_directory(staging, _OLD)
            except OSError:
                os.close(new)
                raise

    def _place(self, *, clean: bool) -> None:
        for stat in self._links:
            self._link(stat)
        folders = [b""]
        for folder in folders:
            with self._reported(folder):
                folders += self._placement.merge(folder, clean=clean, spared=self._name)
        for stat in reversed(self._folders):
            with self._reported(stat.path), beneath.directory(self._destination, stat.path) as opened:
                _set_metadata(opened, stat)

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

    @contextmanager
    def _reported(self, path: bytes) -> Iterator[None]:
        try:
            yield
        except OSError as exc:
            place = os.path.join(self._path, os.fsdecode(path)) if path else self._path
            raise unwritable(place, exc) from exc


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


def _set_metadata(file: int, stat: Stat) -> None:
    """Attributes that this file system does not take are left out, as in the reference; the time goes
    last, as everything else may change it."""
    if hasattr(os, "setxattr"):
        for name, value in stat.xattrs.items():
            with suppress(OSError):
                os.setxattr(file, name, value)
    os.fchmod(file, unix_permissions(stat.mode))
    os.utime(file, ns=(stat.mtime, stat.mtime))
