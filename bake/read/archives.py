"""Whether bytes are an archive, told by how they begin: BuildKit's rule (isArchive, frontend/dockerui)."""

from __future__ import annotations

MAGICS = (b"BZh", b"\x1f\x8b\x08", b"\xfd7zXZ\x00")
BLOCK = 512
"""Bytes of a tar header."""


def is_archive(head: bytes) -> bool:
    """Whether what starts with `head`, a tar header's worth of bytes or all there is, is an archive."""
    return head.startswith(MAGICS) or is_tar(head)


def is_tar(head: bytes) -> bool:
    """The same of tar archives that are not compressed."""
    import tarfile

    try:
        tarfile.TarInfo.frombuf(head[:BLOCK], "utf-8", "surrogateescape")
    except tarfile.HeaderError:
        return False
    return True
