"""Trees on disk: made from a table, and looked at again as a table."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class File:
    data: bytes = b""
    mode: int = 0o644
    mtime: int = 1_700_000_000_123_456_789
    xattrs: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class Folder:
    mode: int = 0o755
    mtime: int = 1_700_000_001_000_000_000
    xattrs: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class Symlink:
    target: bytes
    mtime: int = 1_700_000_002_000_000_000


@dataclass(frozen=True)
class Hardlink:
    """Another name of the file at `first`."""

    first: bytes


@dataclass(frozen=True)
class Pipe:
    mode: int = 0o600
    mtime: int = 1_700_000_003_000_000_000


Entry = File | Folder | Symlink | Hardlink | Pipe


def build(root: str | os.PathLike[str], entries: Mapping[bytes, Entry]) -> None:
    """Make `entries` below the folder `root`; parents that are not in the table are made too."""
    base = os.fsencode(root)
    folders = []
    for path, entry in entries.items():
        full = os.path.join(base, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        if isinstance(entry, Folder):
            os.makedirs(full, exist_ok=True)
            folders.append((full, entry))
        elif isinstance(entry, File):
            with open(full, "wb") as file:
                file.write(entry.data)
            _finish(full, entry)
        elif isinstance(entry, Symlink):
            os.symlink(entry.target, full)
            os.utime(full, ns=(entry.mtime, entry.mtime), follow_symlinks=False)
        elif isinstance(entry, Pipe):
            os.mkfifo(full)
            os.chmod(full, entry.mode)
            os.utime(full, ns=(entry.mtime, entry.mtime))
    for path, entry in entries.items():
        if isinstance(entry, Hardlink):
            os.link(os.path.join(base, entry.first), os.path.join(base, path))
    for full, folder in reversed(folders):
        _finish(full, folder)


def _finish(path: bytes, entry: File | Folder) -> None:
    for name, value in entry.xattrs.items():
        os.setxattr(path, name, value)
    os.chmod(path, entry.mode)
    os.utime(path, ns=(entry.mtime, entry.mtime))


def look(root: str | os.PathLike[str]) -> dict[bytes, Entry]:
    """What is below `root`, as `build` takes it; of a file's names the first in walk order is the file."""
    found: dict[bytes, Entry] = {}
    names: dict[int, bytes] = {}
    _look(os.fsencode(root), b"", found, names)
    return found


def _look(base: bytes, folder: bytes, found: dict[bytes, Entry], names: dict[int, bytes]) -> None:
    for name in sorted(os.listdir(os.path.join(base, folder))):
        path = os.path.join(folder, name)
        full = os.path.join(base, path)
        info = os.lstat(full)
        mode = stat.S_IMODE(info.st_mode)
        if stat.S_ISDIR(info.st_mode):
            found[path] = Folder(mode, info.st_mtime_ns, _xattrs(full))
            _look(base, path, found, names)
        elif stat.S_ISLNK(info.st_mode):
            found[path] = Symlink(os.readlink(full), info.st_mtime_ns)
        elif stat.S_ISFIFO(info.st_mode):
            found[path] = Pipe(mode, info.st_mtime_ns)
        elif info.st_ino in names:
            found[path] = Hardlink(names[info.st_ino])
        else:
            names[info.st_ino] = path
            with open(full, "rb") as file:
                found[path] = File(file.read(), mode, info.st_mtime_ns, _xattrs(full))


def _xattrs(path: bytes) -> dict[str, bytes]:
    if not hasattr(os, "listxattr"):
        return {}
    return {name: os.getxattr(path, name) for name in os.listxattr(path) if name.startswith("user.")}
