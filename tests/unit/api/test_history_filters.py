"""`history ls --filter`."""

from __future__ import annotations

import pytest

from bake.api.history_filters import matchers
from bake.buildkit.history import Record
from bake.errors import UsageError

NOW = 1_000_000.0
FINE = Record(
    "abc", attrs={"vcs:source": "https://x/app"}, created_at=NOW - 100, completed_at=NOW - 40, completed_ns=1
)
BROKEN = Record(
    "def",
    attrs={"context": "https://x/web.git#main:folder"},
    created_at=NOW - 7200,
    completed_at=NOW - 7190,
    completed_ns=1,
    error="no",
)
STOPPED = Record("ghi", created_at=NOW - 50, completed_at=NOW - 49, completed_ns=1, error="context canceled")
RUNNING = Record("jkl", created_at=NOW - 10)


@pytest.mark.parametrize(
    ("filters", "refs"),
    [
        ([], "abc def ghi jkl"),
        (["status=completed"], "abc"),
        (["status=error"], "def"),
        (["status=canceled"], "ghi"),
        (["status=running"], "jkl"),
        (["status!=error"], "abc ghi jkl"),
        (["ref=b"], "abc"),
        (["ref!=abc"], "def ghi jkl"),
        (["repository=x/"], "abc def"),
        (["repository!=https://x/app"], "def ghi jkl"),
        (["repository=https://x/web.git"], "def"),
        (["repository=folder"], ""),
        (["startedAt>1m"], "ghi jkl"),
        (["startedAt<=1h"], "def"),
        (["startedAt>=1970-01-12T13:46:30Z"], "jkl"),
        (["completedAt>1m"], "abc ghi"),
        (["duration>=1m"], "abc"),
        (["duration<1m", "status!=running"], "def ghi"),
    ],
)
def test_records_are_chosen(filters: list[str], refs: str) -> None:
    accepts = matchers(filters, NOW)

    found = [one.ref for one in (FINE, BROKEN, STOPPED, RUNNING) if all(accept(one) for accept in accepts)]

    assert found == refs.split()


@pytest.mark.parametrize(
    "text", ["", "status", "=error", "bad=1", "status>error", "duration=1m", "duration<x", "startedAt>x"]
)
def test_anything_else_is_an_error(text: str) -> None:
    with pytest.raises(UsageError):
        matchers([text], NOW)
