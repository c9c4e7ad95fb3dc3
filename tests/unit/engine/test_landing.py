from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bake.buildkit import layout
from bake.buildkit.content import ContentError
from bake.buildkit.fsutil.staging import Staging
from bake.buildkit.fsutil.stat import Stat
from bake.buildkit.services.sinks import FileSink, TreeSink
from bake.engine.landing import HeldBytes, HeldTree, held, landed
from bake.errors import ExportError

if TYPE_CHECKING:
    from pathlib import Path


def received(folder: Path) -> HeldBytes:
    (folder / "out").write_text("former")
    output = held(FileSink(str(folder / "out")))
    assert isinstance(output, HeldBytes)
    output.open({})
    output.write(b"new")
    output.commit()
    return output


def staged(folder: Path, output: HeldTree, name: bytes, data: bytes) -> None:
    staging = Staging(str(folder))
    stat = Stat(path=name, mode=0o644)
    file = staging.create(stat)
    staging.write(stat, file, data)
    staging.finish(stat, file)
    output.accept(staging)


def test_a_whole_stream_waits_for_the_end_of_the_build(tmp_path: Path) -> None:
    output = received(tmp_path)
    assert (tmp_path / "out").read_text() == "former"
    output.land()
    output.drop()
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"out": "new"}


def test_a_whole_stream_of_a_build_that_failed_is_dropped(tmp_path: Path) -> None:
    received(tmp_path).drop()
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"out": "former"}


def test_a_stream_that_broke_off_does_not_land(tmp_path: Path) -> None:
    output = HeldBytes(FileSink(str(tmp_path / "out")))
    output.open({})
    output.write(b"ha")
    output.abort()
    output.land()
    output.drop()
    assert list(tmp_path.iterdir()) == []


def test_nothing_was_sent(tmp_path: Path) -> None:
    output = HeldBytes(FileSink(str(tmp_path / "out")))
    output.land()
    output.drop()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_takes_what_came_in_several_calls(tmp_path: Path) -> None:
    output = held(TreeSink(str(tmp_path)))
    assert isinstance(output, HeldTree)
    staged(tmp_path, output, b"one", b"1")
    staged(tmp_path, output, b"two", b"2")
    assert all(path.name.startswith(".pybake-") for path in tmp_path.iterdir())
    output.land()
    output.drop()
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"one": "1", "two": "2"}


def test_a_folder_of_a_build_that_failed_is_left_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "one").write_text("former")
    output = HeldTree(TreeSink(str(tmp_path)))
    staged(tmp_path, output, b"one", b"1")
    output.drop()
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"one": "former"}


def test_a_folder_comes_back_when_another_output_cannot_land(tmp_path: Path) -> None:
    folder, file = tmp_path / "folder", tmp_path / "file"
    folder.mkdir()
    (folder / "one").write_text("former")
    tree, stream = HeldTree(TreeSink(str(folder))), HeldBytes(FileSink(str(file)))
    staged(folder, tree, b"one", b"1")
    staged(folder, tree, b"two", b"2")
    stream.open({})
    stream.commit()
    file.mkdir()
    with pytest.raises(ExportError, match="file"), landed([stream, tree]):
        raise AssertionError("it landed")
    for output in (stream, tree):
        output.drop()
    assert {path.name: path.read_text() for path in folder.iterdir()} == {"one": "former"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder"]


def test_a_folder_comes_back_when_what_follows_fails(tmp_path: Path) -> None:
    (tmp_path / "one").write_text("former")
    tree = HeldTree(TreeSink(str(tmp_path)))
    staged(tmp_path, tree, b"one", b"1")
    with pytest.raises(ContentError), landed([tree]):
        layout.entries(str(tmp_path))
    tree.drop()
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"one": "former"}


def test_what_lands_stays(tmp_path: Path) -> None:
    tree = HeldTree(TreeSink(str(tmp_path / "new")))
    staged(tmp_path / "new", tree, b"one", b"1")
    with landed([tree]):
        pass
    tree.drop()
    assert {path.name: path.read_text() for path in (tmp_path / "new").iterdir()} == {"one": "1"}
