"""What is read of the machine: files and pipes."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

import pytest

from bake.api.machine import this_machine

if TYPE_CHECKING:
    from pathlib import Path


def test_a_pipe_is_read_to_its_end(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(b"text",))
    writer.start()
    assert this_machine({}).read(str(pipe)) == b"text"
    writer.join()


def test_a_directory_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError):
        this_machine({}).read(str(tmp_path))


def test_a_text_with_a_null_byte_is_no_path() -> None:
    host = this_machine({}, "/")
    with pytest.raises(OSError, match="Invalid argument"):
        host.read("a\0b")
    assert not host.exists("a\0b")
    assert not host.is_dir("a\0b")
    assert host.resolve("/a/../b\0c") == "/b\0c"
