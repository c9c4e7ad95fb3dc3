from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile

import pytest

from bake.read.archives import BLOCK, is_archive


def packed(form: int) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=form) as archive:
        one = tarfile.TarInfo("Dockerfile")
        one.mtime = 1.5
        archive.addfile(one)
    return made.getvalue()


PLAIN, WITH_ATTRIBUTES = packed(tarfile.GNU_FORMAT), packed(tarfile.PAX_FORMAT)


@pytest.mark.parametrize(
    "data",
    [PLAIN, WITH_ATTRIBUTES, gzip.compress(b"x"), bz2.compress(b"x"), lzma.compress(b"x")],
    ids=["tar", "pax", "gzip", "bzip2", "xz"],
)
def test_archives_are_known_by_their_start(data: bytes) -> None:
    assert is_archive(data[: 2 * BLOCK])


@pytest.mark.parametrize(
    "data", [b"", b"FROM scratch\n", b'target "a" {}\n', bytes(1024), b"#" * 2000, PLAIN[:100]]
)
def test_anything_else_is_none(data: bytes) -> None:
    assert not is_archive(data[: 2 * BLOCK])
