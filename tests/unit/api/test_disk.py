from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from bake.api.disk import Space, pruning, selection
from bake.errors import UsageError
from bake.host import Host

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("filters", "condition", "age"),
    [
        ([], "", 0),
        (["type=regular"], "type==regular", 0),
        ([" Type = regular ", "type=regular"], "type==regular", 0),
        (["id=abc", "inuse!=true", "description~=x=y"], "id~=abc,inuse!=true,description~=x=y", 0),
        (["until=24h", "shared=true"], "shared==true", 86400),
        (["unused-for=90s"], "", 90),
        ([""], "", 0),
    ],
)
def test_filters_become_buildkits(filters: list[str], condition: str, age: float) -> None:
    assert selection(filters) == ((condition,), age)


@pytest.mark.parametrize(
    ("filters", "fault"),
    [
        (["x"], "expected name=value"),
        (["a=1", "a=2"], '"a" filter expects only one value; 1, 2'),
        (["until=1h", "unused-for=1h"], "conflicting filters"),
        (["until=soon"], "expects a duration"),
    ],
)
def test_filters_that_cannot_be(filters: list[str], fault: str) -> None:
    with pytest.raises(UsageError, match=fault):
        selection(filters)


def test_dockers_configuration_adds_filters_that_were_not_given(tmp_path: Path) -> None:
    folder = tmp_path / ".docker"
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps({"pruneFilters": ["type=regular", "until=1h"]}))
    host = Host(home=str(tmp_path))
    what = pruning(host, ["until=2h"], Space(reserved="1k", max_used="2k", min_free="3k"), everything=True)
    assert what.filters == ("type==regular",)
    assert what.keep_duration == 7200
    assert (what.reserved_space, what.max_used_space, what.min_free_space) == (1024, 2048, 3072)
    assert what.all


def test_a_size_that_is_none() -> None:
    with pytest.raises(UsageError, match='invalid argument "much" for "--min-free-space"'):
        pruning(Host(), [], Space(min_free="much"), everything=False)
