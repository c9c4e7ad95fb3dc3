"""Names to sources inside a remote definition: a repository, an archive, or a single file behind a URL.

Nothing is fetched here; how a file of the remote is read is handed in. Names marked `cwd://` are files
of this machine and come after the remote ones. Rules are those of buildx (bake/remote.go, 0.36.1).
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from bake.errors import BakeError, UsageError, raise_all
from bake.read.lookup import CWD, DEFAULT_NAMES, STDIN, TEMPLATE_SUFFIX, Reader, decode
from bake.read.lookup import lookup as lookup_local
from bake.source import Source

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Fetch = Callable[[str], bytes | None]

LARGEST = 2 * 1024 * 1024
"""Bytes that a definition may have which is a single file."""


def lookup(url: str, names: Sequence[str], fetch: Fetch, reader: Reader) -> list[Source]:
    """The sources for `names`, or the default names, inside the tree behind `url`; then the local ones.

    `fetch` gives the bytes of a file in that tree, None if it is not there. Raises UsageError for files
    that cannot be read, all of them together, and where nothing is found.
    """
    inside = [name for name in names if not name.startswith(CWD)]
    faults: list[BakeError] = []
    found: list[Source] = []
    for name in inside or DEFAULT_NAMES:
        try:
            data = fetch(_inside(name, url))
            if data is not None:
                found.append(_source(name, data, reader))
            elif inside:
                raise UsageError(f"failed to stat {name}: no such file", detail=f"in {url}")
        except BakeError as fault:
            faults.append(fault)
    raise_all(faults, "unreadable bake files")
    return _with_local(url, found, names, reader)


def single(url: str, data: bytes, names: Sequence[str], reader: Reader) -> list[Source]:
    """The source that is the file behind `url`; then the local ones of `names`. Raises UsageError."""
    if len(data) > LARGEST:
        raise UsageError(f"non-archive definition URL bigger than maximum allowed size ({LARGEST} bytes)")
    text = decode(url, data)
    dialect = reader.dialect_of(posixpath.basename(url.partition("?")[0]), text)
    return _with_local(url, [Source(url, text, dialect, remote=True)], names, reader)


def _inside(name: str, url: str) -> str:
    """`name` as a path of the tree; none leads out of it."""
    if name == STDIN or name.endswith(TEMPLATE_SUFFIX):
        raise UsageError(
            f"`{name}` cannot be part of a remote definition",
            detail=f"in {url}",
            hint=f"write `{CWD}NAME` for a file of this machine",
        )
    path = posixpath.normpath(name)
    if path.startswith("../") or path == "..":
        raise UsageError(f"`{name}` leaves the remote definition", detail=f"in {url}")
    return path.lstrip("/")


def _source(name: str, data: bytes, reader: Reader) -> Source:
    text = decode(name, data)
    return Source(name, text, reader.dialect_of(name, text), posixpath.dirname(name) or ".", remote=True)


def _with_local(url: str, found: list[Source], names: Sequence[str], reader: Reader) -> list[Source]:
    local = [name for name in names if name.startswith(CWD)]
    if local:
        found = [*found, *lookup_local(local, reader)]
    if not found:
        raise UsageError(
            "couldn't find a bake definition",
            detail=f"none of {', '.join(DEFAULT_NAMES)} is in {url}",
            hint="name a file of it with -f",
        )
    return found
