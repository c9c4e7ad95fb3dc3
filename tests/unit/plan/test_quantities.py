from __future__ import annotations

import pytest

from bake.plan import quantities


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("64m", 64 << 20),
        ("1g", 1 << 30),
        ("1GiB", 1 << 30),
        ("128MiB", 128 << 20),
        ("1.5k", 1536),
        ("10", 10),
        ("10b", 10),
        ("2 kb", 2048),
        (".5m", 1 << 19),
        ("1t", 1 << 40),
    ],
)
def test_size(written: str, number: int) -> None:
    assert quantities.size(written) == number


@pytest.mark.parametrize("written", ["", "m", "-1", "1x", "1bb", "1mib2", "1  m"])
def test_size_refuses(written: str) -> None:
    with pytest.raises(ValueError, match="is not a size"):
        quantities.size(written)


def test_swap_may_be_unlimited() -> None:
    assert quantities.swap("-1") == -1
    assert quantities.swap("1k") == 1024


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("nofile=1024", "nofile=1024:1024"),
        ("nofile=1:-1", "nofile=1:-1"),
        ("core=-1", "core=-1:-1"),
    ],
)
def test_ulimit(written: str, meant: str) -> None:
    assert quantities.ulimit(written) == meant


@pytest.mark.parametrize("written", ["nofile", "nofile=a", "nofile=1:2:3", "nofile=-1:5", "as=1"])
def test_ulimit_refuses(written: str) -> None:
    with pytest.raises(ValueError, match=r"`"):
        quantities.ulimit(written)


def test_calls() -> None:
    assert quantities.call(None) == quantities.call("build") == ""
    assert quantities.call("targets,format=json") == "frontend.targets"
