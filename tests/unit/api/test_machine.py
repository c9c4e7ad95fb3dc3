"""What is read of the machine: files, pipes, and reads that an interrupt leaves behind."""

from __future__ import annotations

import os
import signal
import threading
from typing import TYPE_CHECKING

import pytest

from bake.api.machine import interruptible, this_machine

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


def test_whatever_goes_wrong_in_a_read_is_raised() -> None:
    with pytest.raises(MemoryError):
        interruptible(lambda: bytes(1 << 62))


def test_a_signal_that_wakes_nobody_ends_a_wait_for_input() -> None:
    over = threading.Event()

    def read() -> bytes:
        # Taken here it is noted, and the main thread sleeps on: as a signal just before its system call
        signal.pthread_kill(threading.get_ident(), signal.SIGINT)
        over.wait()
        return b""

    with pytest.raises(KeyboardInterrupt):
        interruptible(read)
    over.set()
