"""What standard input holds, told by its first bytes, and put together again."""

from __future__ import annotations

import io
import tarfile

import pytest

from bake.api.stdin import recognizable, rejoined
from tests.unit.read.test_archives import PLAIN, WITH_ATTRIBUTES


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
