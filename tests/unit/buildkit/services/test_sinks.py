from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

import pytest

from bake.buildkit.services.sinks import FileSink, StreamSink
from bake.errors import ExportError
from tests.fakes.trees import File, Folder, Symlink, build, look

if TYPE_CHECKING:
    from pathlib import Path


def write(path: Path, data: bytes = b"new") -> None:
    sink = FileSink(str(path))
    sink.open({})
    sink.write(memoryview(data))
    sink.commit()


def test_nothing_changes_before_the_commit(tmp_path: Path) -> None:
    path = tmp_path / "out.tar"
    path.write_bytes(b"old")
    sink = FileSink(str(path))
    sink.open({})
    sink.write(b"new")
    assert path.read_bytes() == b"old"
    sink.commit()
    assert path.read_bytes() == b"new"
    assert os.listdir(tmp_path) == ["out.tar"]


@pytest.mark.parametrize("old", [b"old", None])
def test_an_aborted_transfer_leaves_what_was_there(tmp_path: Path, old: bytes | None) -> None:
    path = tmp_path / "out.tar"
    if old is not None:
        path.write_bytes(old)
    sink = FileSink(str(path))
    sink.open({})
    sink.write(b"half")
    sink.abort()
    sink.abort()
    assert [entry.read_bytes() for entry in tmp_path.iterdir()] == ([old] if old else [])


def test_a_new_file_has_the_usual_mode_and_an_old_one_keeps_its_own(tmp_path: Path) -> None:
    usual = tmp_path / "usual"
    usual.touch()
    write(tmp_path / "new")
    build(tmp_path, {b"old": File(mode=0o600)})
    write(tmp_path / "old")
    assert (tmp_path / "new").stat().st_mode == usual.stat().st_mode
    assert (tmp_path / "old").stat().st_mode & 0o777 == 0o600


def test_a_link_keeps_pointing_where_it_did(tmp_path: Path) -> None:
    build(tmp_path, {b"real/file": File(b"old"), b"link": Symlink(b"real/file")})
    write(tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real" / "file").read_bytes() == b"new"


def test_a_pipe_is_written_to_and_stays_a_pipe(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(path.read_bytes()))
    reader.start()
    write(path)
    reader.join()
    assert read == [b"new"]
    assert path.is_fifo()


def test_dev_null_survives() -> None:
    sink = FileSink("/dev/null")
    sink.open({})
    sink.write(b"x")
    sink.commit()
    assert not os.path.isfile("/dev/null")


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    build(tmp_path, {b"folder": Folder(), b"file": File(b"old")})
    for name in ("folder", "file/below"):
        with pytest.raises(ExportError, match=name):
            FileSink(str(tmp_path / name)).open({})
    assert set(look(tmp_path)) == {b"folder", b"file"}


def test_a_closed_stream_is_an_error() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with open(writer, "wb", buffering=0) as file:
        sink = StreamSink(file, "standard output")
        sink.open({})
        with pytest.raises(ExportError, match="standard output"):
            sink.write(b"x")
