"""What `pybake build` finds on standard input: an archive, which is passed on unread, or a Dockerfile.

The rule is buildx's (isArchive, build/utils.go 0.36.1): what starts like bzip2, gzip, xz or tar is an
archive.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from bake.read.archives import is_tar

if TYPE_CHECKING:
    from typing import BinaryIO

TYPE_AT = 156
"""Where the type stands in a tar header."""


def recognizable(head: bytes) -> bytes:
    """`head`, so that BuildKit knows it for an archive's start too.

    BuildKit 0.28 takes a tar archive that starts with extended attributes of its first file for a
    Dockerfile (isArchive, frontend/dockerui); attributes of all files, none here, are no trouble.
    """
    import tarfile

    if not is_tar(head) or head[TYPE_AT : TYPE_AT + 1] != tarfile.XHDTYPE:
        return head
    everyone = tarfile.TarInfo("pax_global_header")
    everyone.type = tarfile.XGLTYPE
    return everyone.tobuf(tarfile.USTAR_FORMAT) + head


def rejoined(head: bytes, rest: BinaryIO) -> BinaryIO:
    """One stream of `head` and what is left of the stream it was read from."""
    return io.BufferedReader(_Joined(head, rest))


class _Joined(io.RawIOBase):
    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        self._head = memoryview(head)
        self._rest = rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        taken: memoryview | bytes = self._head[: len(buffer)]
        if taken:
            self._head = self._head[len(taken) :]
        else:
            taken = self._rest.read(len(buffer))
        buffer[: len(taken)] = taken
        return len(taken)
