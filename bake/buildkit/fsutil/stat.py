"""One entry of a tree, as fsutil describes it, and the mode bits of Go.

Takes what `lstat` says, gives a `Stat`. The rule: what a tree's files are must not depend on who owns
them, so there is no uid or gid here; buildx sends zeros.
"""

from __future__ import annotations

import os
import stat as unix
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

DIRECTORY: Final = 1 << 31
SYMLINK: Final = 1 << 27
DEVICE: Final = 1 << 26
NAMED_PIPE: Final = 1 << 25
SETUID: Final = 1 << 23
SETGID: Final = 1 << 22
CHARACTER_DEVICE: Final = 1 << 21
"""Always together with `DEVICE`."""
STICKY: Final = 1 << 20
PERMISSIONS: Final = 0o777
TYPE: Final = DIRECTORY | SYMLINK | DEVICE | NAMED_PIPE | CHARACTER_DEVICE | 1 << 24 | 1 << 19
"""Every bit that says what kind of entry it is (with sockets and Go's irregular files); none for a
regular file."""

NO_XATTRS: Final[Mapping[str, bytes]] = MappingProxyType({})

_TYPES: Final = {
    unix.S_IFDIR: DIRECTORY,
    unix.S_IFLNK: SYMLINK,
    unix.S_IFBLK: DEVICE,
    unix.S_IFCHR: DEVICE | CHARACTER_DEVICE,
    unix.S_IFIFO: NAMED_PIPE,
}
"""A socket is sent as a regular file without content, as archives can hold none."""

_SPECIAL: Final = ((unix.S_ISUID, SETUID), (unix.S_ISGID, SETGID), (unix.S_ISVTX, STICKY))


class Stat(NamedTuple):
    """An entry: `path` relative to the tree's root, `mode` Go's FileMode, `mtime` in nanoseconds.

    `linkname` is a symlink's target, or the path of the entry that a hard link is another name of.
    """

    path: bytes
    mode: int
    size: int = 0
    mtime: int = 0
    linkname: bytes = b""
    major: int = 0
    minor: int = 0
    xattrs: Mapping[str, bytes] = NO_XATTRS

    @property
    def is_directory(self) -> bool:
        return bool(self.mode & DIRECTORY)

    @property
    def is_regular(self) -> bool:
        """Whether the receiver may ask for its content; true of hard links too."""
        return not self.mode & TYPE


@cache
def go_mode(mode: int) -> int:
    """`st_mode` as Go's FileMode."""
    kind = _TYPES.get(unix.S_IFMT(mode), 0)
    special = sum(go for bit, go in _SPECIAL if mode & bit)
    return kind | special | mode & PERMISSIONS


def unix_permissions(mode: int) -> int:
    """The twelve permission bits of Go's FileMode as chmod takes them."""
    return mode & PERMISSIONS | sum(bit for bit, go in _SPECIAL if mode & go)


def read_xattrs(path: bytes) -> Mapping[str, bytes]:
    """A file's extended attributes, but for Apple's own; none where the system has none or Python
    cannot ask (macOS). Raises OSError if the file is gone."""
    if not hasattr(os, "listxattr"):
        return NO_XATTRS
    try:
        names = os.listxattr(path, follow_symlinks=False)
    except OSError as exc:
        if isinstance(exc, FileNotFoundError):
            raise
        return NO_XATTRS
    return {name: value for name in names for value in _xattr(path, name)} if names else NO_XATTRS


def _xattr(path: bytes, name: str) -> tuple[bytes, ...]:
    """The value, or nothing if it cannot be read or its name cannot be sent."""
    if name.startswith("com.apple.") or not name.isprintable():
        return ()
    try:
        return (os.getxattr(path, name, follow_symlinks=False),)
    except OSError:
        return ()
