"""Sizes and limits in Docker's writing."""

from __future__ import annotations

import pytest

from bake.model.compose.quantities import size_of, ulimit
from bake.quantities import binary_size


@pytest.mark.parametrize(
    ("text", "size", "shown"),
    [
        ("1024", 1024, "1KiB"),
        ("64m", 64 << 20, "64MiB"),
        ("1g", 1 << 30, "1GiB"),
        ("1.5g", 3 << 29, "1.5GiB"),
        (".5g", 1 << 29, "512MiB"),
        ("2 GB", 2 << 30, "2GiB"),
        ("1kib", 1024, "1KiB"),
        ("1.5", 1, "1B"),
        ("1500", 1500, "1.465KiB"),
        ("-1", -1, "-1B"),
    ],
)
def test_sizes(text: str, size: int, shown: str) -> None:
    assert size_of(text) == size
    assert binary_size(size) == shown


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "invalid size: ''"),
        ("x", "invalid size: 'x'"),
        ("1x", "invalid suffix: 'x'"),
        ("1.5.5m", "invalid size: '1.5.5m'"),
        ("1Gi", "invalid suffix: 'gi'"),
    ],
)
def test_no_sizes(text: str, message: str) -> None:
    with pytest.raises(ValueError, match="invalid") as raised:
        size_of(text)
    assert str(raised.value) == message


def test_limits() -> None:
    assert ulimit("nofile", "10", "20") == "nofile=10:20"
    assert ulimit("nproc", "-1", "-1") == "nproc=-1:-1"
    for name, soft, hard in (
        ("foo", "1", "2"),
        ("nofile", "3", "2"),
        ("nofile", "-1", "2"),
        ("cpu", "x", "2"),
    ):
        with pytest.raises(ValueError, match=r"ulimit|ParseInt"):
            ulimit(name, soft, hard)
