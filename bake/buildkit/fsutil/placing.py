"""A staged tree moved into a folder, and back out again if that cannot be done to its end.

Takes open directories: the staged tree, the destination, and an empty one on the same file system for what
has to make room. The rules:

- Each entry is moved by one rename. A file that replaces a file does so in one step: the name is never
  without one.
- Nothing is deleted: what makes room is kept, and a journal says how to put it back.
- Directories that are on both sides are added to; `clean` takes out of them what was not sent.
- No symlink is followed.
"""

from __future__ import annotations

import os
import stat as unix
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from bake.buildkit.fsutil import beneath

if TYPE_CHECKING:
    from collections.abc import Callable


class Placement:
    """Moves what is in `staged` into `destination`; every method but `undo` may raise OSError."""

    def __init__(self, staged: int, destination: int, kept: int) -> None:
        self._staged = staged
        self._destination = destination
        self._kept = kept
        self._count = 0
        self._journal: list[Callable[[], None]] = []

    def merge(self, folder: bytes, *, clean: bool = False, spared: bytes = b"") -> list[bytes]:
        """Move what is in `folder`; gives the directories in it that are on both sides, to be merged next.

        `clean` takes out what was not sent, but for the name `spared`.
        """
        both = []
        with (
            beneath.directory(self._staged, folder) as staged,
            beneath.directory(self._destination, folder) as existing,
        ):
            self._journal.append(partial(self._restore, folder, os.fstat(existing), _attributes(existing)))
            beneath.unlock(existing)
            arrived = beneath.names(staged)
            if clean:
                self._take_out(existing, folder, {spared, *(name for name, _ in arrived)})
            for name, is_folder in arrived:
                if is_folder and beneath.is_directory(existing, name):
                    both.append(folder + b"/" + name if folder else name)
                else:
                    self._make_room(existing, folder, name, for_folder=is_folder)
                    os.rename(name, name, src_dir_fd=staged, dst_dir_fd=existing)
        return both

    def undo(self) -> bool:
        """Put everything back; whether that could be done. What could not is still among what was kept."""
        whole = True
        while self._journal:
            try:
                self._journal.pop()()
            except OSError:
                whole = False
        return whole

    def _take_out(self, existing: int, folder: bytes, arrived: set[bytes]) -> None:
        for name, _ in beneath.names(existing):
            if name not in arrived:
                beneath.check_removable(existing, name)
                self._journal.append(partial(self._put_back, folder, name, *self._move_away(existing, name)))

    def _make_room(self, existing: int, folder: bytes, name: bytes, *, for_folder: bool) -> None:
        """Keep what is called `name`, and note it before its successor comes."""
        before = beneath.is_directory(existing, name)
        if before is None:
            kept, mode = None, None
        elif before or for_folder:
            beneath.check_removable(existing, name)
            kept, mode = self._move_away(existing, name)
        else:
            kept, mode = self._keep_file(existing, name), None
        self._journal.append(partial(self._put_back, folder, name, kept, mode))

    def _keep_file(self, existing: int, name: bytes) -> bytes:
        """Give the file a second name, so that it can be replaced in one step; move it where links cannot
        be made."""
        kept = self._new_name()
        try:
            os.link(name, kept, src_dir_fd=existing, dst_dir_fd=self._kept, follow_symlinks=False)
        except OSError:
            os.rename(name, kept, src_dir_fd=existing, dst_dir_fd=self._kept)
        return kept

    def _move_away(self, existing: int, name: bytes) -> tuple[bytes, int | None]:
        """Move an entry to what is kept; gives its name there, and the mode that a directory had."""
        mode = None
        if beneath.is_directory(existing, name):
            with beneath.directory(existing, name) as opened:
                mode = unix.S_IMODE(os.fstat(opened).st_mode)
                # a directory that its owner may not write to cannot be moved
                beneath.unlock(opened)
        kept = self._new_name()
        try:
            os.rename(name, kept, src_dir_fd=existing, dst_dir_fd=self._kept)
        except OSError:
            _set_mode(existing, name, mode)
            raise
        return kept, mode

    def _put_back(self, folder: bytes, name: bytes, kept: bytes | None, mode: int | None) -> None:
        with beneath.directory(self._destination, folder) as existing:
            if kept is not None and beneath.is_same(existing, name, self._kept, kept):
                return  # it got a second name, and its successor never came
            beneath.unlock(existing)
            if beneath.is_directory(existing, name) is not None:
                self._move_away(existing, name)
            if kept is not None:
                os.rename(kept, name, src_dir_fd=self._kept, dst_dir_fd=existing)
                _set_mode(existing, name, mode)

    def _restore(self, folder: bytes, before: os.stat_result, attributes: dict[str, bytes]) -> None:
        """A directory's own metadata; where it is another user's it was never changed."""
        with beneath.directory(self._destination, folder) as existing, suppress(PermissionError):
            for name in _attributes(existing).keys() - attributes.keys():
                os.removexattr(existing, name)
            for name, value in attributes.items():
                os.setxattr(existing, name, value)
            os.fchmod(existing, unix.S_IMODE(before.st_mode))
            os.utime(existing, ns=(before.st_atime_ns, before.st_mtime_ns))

    def _new_name(self) -> bytes:
        self._count += 1
        return b"%d" % self._count


def _set_mode(parent: int, name: bytes, mode: int | None) -> None:
    if mode is not None:
        with beneath.directory(parent, name) as opened, suppress(PermissionError):
            os.fchmod(opened, mode)


def _attributes(opened: int) -> dict[str, bytes]:
    """The attributes that a user may set; none where Python has no call for them."""
    if not hasattr(os, "listxattr"):
        return {}
    with suppress(OSError):
        names = [name for name in os.listxattr(opened) if name.startswith("user.")]
        return {name: os.getxattr(opened, name) for name in names}
    return {}
