"""Finished trees, kept in the user's private cache folder: an unchanged file costs no parser.

The only module of this room that touches the disk. A tree is kept under the hash of its text, its dialect
and this program's version and code. Whatever is wrong with the folder or a file in it costs time and
nothing else: it is then as if nothing were kept. Files are written beside and renamed, so any number of
processes may share the folder.
"""

from __future__ import annotations

import os
from contextlib import suppress
from stat import S_ISDIR
from typing import TYPE_CHECKING

import bake
from bake.syntax import parse

if TYPE_CHECKING:
    from bake.source import Source
    from bake.syntax.tree import File

MAX_FILES = 128
MAX_BYTES = 32 << 20
"""What a folder may hold; above either, the trees written longest ago go."""
_ENDING = ".tree"


def cached(source: Source, folder: str) -> File:
    """`parse(source)`, from `folder` when it is there, kept there when not.

    `folder` is made, private, when missing; one that others own or may write to is left alone.
    Raises what `parse` raises; a text with faults is never kept.
    """
    if not _usable(folder):
        return parse(source)
    path = os.path.join(folder, _key(source) + _ENDING)
    return _kept(path, source) or _keep(folder, path, parse(source))


def _usable(folder: str) -> bool:
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        status = os.lstat(folder)
    except OSError:
        return False
    return S_ISDIR(status.st_mode) and status.st_uid == os.geteuid() and not status.st_mode & 0o022


def _key(source: Source) -> str:
    from hashlib import blake2b

    kind = f"{bake.__version__} {_code()} {source.dialect} "
    return blake2b(kind.encode() + source.text.encode("utf-8", "surrogatepass"), digest_size=20).hexdigest()


def _code() -> int:
    """When this room's code last changed: an installed one does not, a working copy does."""
    with os.scandir(os.path.dirname(__file__)) as entries:
        return max((entry.stat().st_mtime_ns for entry in entries if entry.is_file()), default=0)


def _kept(path: str, source: Source) -> File | None:
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError:
        return None
    from bake.syntax.codec import DamagedError, decode

    try:
        return decode(data, source)
    except (DamagedError, LookupError, ValueError, TypeError, RecursionError):
        return None


def _keep(folder: str, path: str, tree: File) -> File:
    from bake import files
    from bake.syntax.codec import encode

    with suppress(OSError, RecursionError):
        files.replace(path, encode(tree), mode=0o600)
        _prune(folder)
    return tree


def _prune(folder: str) -> None:
    """Remove the oldest files until the rest fits; half-written ones of dead processes age out too."""
    with os.scandir(folder) as entries:
        files = sorted(
            ((entry.stat(follow_symlinks=False), entry.path) for entry in entries if _ENDING in entry.name),
            key=lambda file: -file[0].st_mtime_ns,
        )
    room = MAX_BYTES
    for index, (status, path) in enumerate(files):
        room -= status.st_size
        if index >= MAX_FILES or room < 0:
            _remove(path)


def _remove(path: str) -> None:
    with suppress(OSError):
        os.remove(path)
