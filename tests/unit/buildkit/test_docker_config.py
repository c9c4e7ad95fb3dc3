"""Docker's config.json."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import pytest

from bake.buildkit.docker_config import read
from bake.errors import BakeWarning

if TYPE_CHECKING:
    from pathlib import Path


def test_it_is_an_object(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    assert read(str(path)) == {}
    path.write_bytes(b"")
    assert read(str(path)) == {}
    path.write_text('{"auths": {}}')
    assert read(str(path)) == {"auths": {}}
    assert read(str(path / "below")) == {}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'{\n  "auths": {"s3cret": }\n}', "config.json:2:23: "),
        (b"{s3cret", "config.json:1:2: "),
        (b"[1]", "config.json: not a JSON object"),
        (b"\xff", "config.json: "),
        (b"[" * 100_000, "config.json: "),
    ],
)
def test_a_damaged_one_is_left_out_and_named(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "config.json"
    path.write_bytes(content)

    with pytest.warns(BakeWarning) as told:
        assert read(str(path)) == {}

    assert said in str(told[0].message)
    assert "s3cret" not in str(told[0].message)


def test_a_folder_is_none(tmp_path: Path) -> None:
    with pytest.warns(BakeWarning, match="Is a directory$"):
        assert read(str(tmp_path)) == {}


def test_the_same_fault_is_told_once(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{")

    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("default")
        for _ in range(3):
            read(str(tmp_path / "config.json"))

    assert len(told) == 1
