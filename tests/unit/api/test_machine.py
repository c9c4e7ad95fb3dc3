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
