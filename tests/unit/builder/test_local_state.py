"""What this machine remembers of builds."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from bake.builder.local_state import LocalState, read, save

if TYPE_CHECKING:
    from pathlib import Path


def test_it_is_kept_as_buildx_keeps_it(tmp_path: Path) -> None:
    state = LocalState("app", "/src/app", "/src/app/Dockerfile")

    save(str(tmp_path), "b", "n0", "ref", state)

    file = tmp_path / "refs/b/n0/ref"
    assert json.loads(file.read_text()) == {
        "Target": "app",
        "LocalPath": "/src/app",
        "DockerfilePath": "/src/app/Dockerfile",
    }
    assert read(str(tmp_path), "b", "n0", "ref") == state


def test_a_folder_whose_name_is_no_utf8(tmp_path: Path) -> None:
    state = LocalState("app", "/src/\udcff", "/src/\udcff/Dockerfile")
    save(str(tmp_path), "b", "n0", "ref", state)
    assert read(str(tmp_path), "b", "n0", "ref") == state


@pytest.mark.parametrize("text", ["", "[]", "{", '"x"', "null"])
def test_what_cannot_be_read_is_not_known(tmp_path: Path, text: str) -> None:
    (tmp_path / "refs/b/n0").mkdir(parents=True)
    (tmp_path / "refs/b/n0/ref").write_text(text)

    assert read(str(tmp_path), "b", "n0", "ref") is None
    assert read(str(tmp_path), "b", "n0", "other") is None
