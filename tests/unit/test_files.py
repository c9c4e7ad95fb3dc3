"""Files written whole: permissions and links kept, nothing left behind when it fails."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from bake import files

if TYPE_CHECKING:
    from pathlib import Path


def test_a_new_file(tmp_path: Path) -> None:
    files.replace(str(tmp_path / "a"), b"x", mode=0o600)
    assert (tmp_path / "a").read_bytes() == b"x"
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o600


def test_permissions_and_links_are_kept(tmp_path: Path) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    real.write_text("old")
    real.chmod(0o640)
    link.symlink_to("real")
    files.replace(str(link), b"new")
    assert link.is_symlink()
    assert real.read_text() == "new"
    assert real.stat().st_mode & 0o777 == 0o640
    assert sorted(os.listdir(tmp_path)) == ["link", "real"]


def test_nothing_is_left_where_it_fails(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        files.replace(str(tmp_path / "missing" / "a"), b"x")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("fault", [OSError, KeyboardInterrupt])
def test_what_is_not_finished_becomes_nothing(tmp_path: Path, fault: type[BaseException]) -> None:
    path = tmp_path / "a"
    path.write_text("old")

    def fail() -> None:
        with files.becoming(str(path), str(tmp_path / "b"), 0o600) as file:
            file.write(b"half")
            raise fault

    with pytest.raises(fault):
        fail()
    assert os.listdir(tmp_path) == ["a"]
    assert path.read_text() == "old"


def test_a_file_that_stands_beside_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "b").write_text("another's")
    with pytest.raises(FileExistsError), files.becoming(str(tmp_path / "a"), str(tmp_path / "b"), 0o600):
        pass
    assert (tmp_path / "b").read_text() == "another's"


def test_a_device_is_written_to() -> None:
    files.replace(os.devnull, b"x")
    assert not os.path.isfile(os.devnull)
