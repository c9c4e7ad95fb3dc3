from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from bake.buildkit.fsutil.staging import Staging
from bake.buildkit.fsutil.stat import DIRECTORY, Stat
from bake.errors import ExportError
from tests.fakes.trees import Entry, File, Folder, build, look

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

T = 1_650_000_000_000_000_000
OLD: dict[bytes, Entry] = {
    b"a": File(b"old", 0o640, T),
    b"d": Folder(0o750, T),
    b"d/f": File(b"old", 0o600, T),
    b"d/kept": File(b"old"),
    b"gone": Folder(0o500, T),
}

as_root = pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0, reason="mounts a file system, which takes root on Linux"
)


def stage(folder: Path, files: Mapping[bytes, bytes]) -> Staging:
    """A staging that has received a directory `d` and `files`."""
    staging = Staging(str(folder))
    staging.add(Stat(b"d", DIRECTORY | 0o755, mtime=T + 1))
    for path, data in files.items():
        stat = Stat(path, 0o644, len(data), T + 1)
        file = staging.create(stat)
        staging.write(stat, file, data)
        staging.finish(stat, file)
    return staging


@contextmanager
def mounted(folder: Path, options: str) -> Iterator[None]:
    """A file system of its own in a folder."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@as_root
@pytest.mark.parametrize("clean", [False, True])
def test_all_goes_back_when_something_cannot_be_moved(tmp_path: Path, clean: bool) -> None:
    """Nothing can be moved into another file system, and `d` is one: `a` has been replaced before."""
    build(tmp_path, OLD)
    with mounted(tmp_path / "d", "size=1m"):
        build(tmp_path / "d", {b"there": File(b"old")})
        before = look(tmp_path)
        staging = stage(tmp_path, {b"a": b"new", b"d/f": b"new", b"z": b"new"})
        with pytest.raises(ExportError, match="Invalid cross-device link") as caught:
            staging.place(clean=clean)
        staging.close()
        assert look(tmp_path) == before
        assert caught.value.hint is None
    assert look(tmp_path) == OLD


@as_root
@pytest.mark.parametrize("clean", [False, True])
def test_a_full_disk_is_no_reason_not_to_move(tmp_path: Path, clean: bool) -> None:
    """Where there is no room for another name, a file is moved aside rather than linked."""
    with mounted(tmp_path, "size=1m,nr_inodes=30"):
        build(tmp_path, OLD)
        staging = stage(tmp_path, {b"a": b"new", b"d/f": b"new"})
        filled = fill(tmp_path)
        staging.place(clean=clean)
        staging.undo()
        staging.close()
        for path in filled:
            path.unlink(missing_ok=True)
        assert {path for path in look(tmp_path) if b"filler" not in path} == set(OLD)
        assert (tmp_path / "a").read_text() == "old"


def fill(folder: Path) -> list[Path]:
    """Use up every inode."""
    made: list[Path] = []
    while True:
        path = folder / f"filler{len(made)}"
        try:
            path.touch()
        except OSError:
            return made
        made.append(path)


def test_what_cannot_be_put_back_is_not_thrown_away(tmp_path: Path) -> None:
    build(tmp_path, OLD)
    staging = stage(tmp_path, {b"d/f": b"new"})
    staging.place()
    (tmp_path / "d").rename(tmp_path / "elsewhere")
    staging.undo()
    staging.close()
    (kept,) = tmp_path.glob(".pybake-*/old/*")
    assert kept.read_text() == "old"


def test_a_place_is_given_up_by_undo_and_kept_by_close(tmp_path: Path) -> None:
    out = tmp_path / "made" / "out"
    staging = stage(out, {b"a": b"new"})
    staging.place()
    staging.undo()
    staging.close()
    assert os.listdir(tmp_path) == []

    staging = stage(out, {b"a": b"new"})
    staging.place()
    staging.close()
    staging.close()
    assert sorted(os.listdir(out)) == ["a", "d"]
