"""What standard input holds, told by its first bytes, and put together again."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile

import pytest

from bake.api.stdin import BLOCK, is_archive, recognizable, rejoined


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


@pytest.mark.parametrize("data", [b"", b"FROM scratch\n", bytes(1024), b"#" * 2000, PLAIN[:100]])
def test_anything_else_is_a_dockerfile(data: bytes) -> None:
    assert not is_archive(data[: 2 * BLOCK])


def test_an_archive_never_starts_with_the_attributes_of_one_file() -> None:
    made = recognizable(WITH_ATTRIBUTES)

    assert made.endswith(WITH_ATTRIBUTES)
    assert made[156:157] == tarfile.XGLTYPE
    with tarfile.open(fileobj=io.BytesIO(made)) as opened:
        assert opened.getnames() == ["Dockerfile"]
        assert opened.getmember("Dockerfile").mtime == 1.5
    assert recognizable(PLAIN) == PLAIN
    assert recognizable(b"\x1f\x8b\x08") == b"\x1f\x8b\x08"


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100, -1])
def test_head_and_rest_are_one_stream(size: int) -> None:
    stream = rejoined(b"abc", io.BytesIO(b"defghij"))

    pieces = list(iter(lambda: stream.read(size), b""))

    assert b"".join(pieces) == b"abcdefghij"
