"""A command while it runs: read what it says line by line, send it signals, see how it ends."""

from __future__ import annotations

import ctypes
import json
import math
import os
import signal
import subprocess
import threading
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.commands import Command

PATIENCE = 120
"""Seconds after which what is waited for counts as never coming."""


class Process:
    """A running command; everything it says on standard error is kept in `said`."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.said: list[str] = []
        self._news = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            with self._news:
                self.said.append(line)
                self._news.notify_all()

    def wait_for(self, fits: Callable[[str], bool]) -> None:
        """Wait for a line that fits."""
        seen = 0

        def came() -> bool:
            nonlocal seen
            fresh, seen = self.said[seen:], len(self.said)
            return any(map(fits, fresh))

        with self._news:
            assert self._news.wait_for(came, PATIENCE), self.said

    def wait_for_record(self, fits: Callable[[dict[str, Any]], bool]) -> None:
        """Wait for a message of `--progress=rawjson` that fits."""
        self.wait_for(lambda line: line.startswith("{") and fits(json.loads(line)))

    def interrupt(self) -> None:
        """What Ctrl-C sends."""
        self._process.send_signal(signal.SIGINT)

    def interrupt_beside(self) -> None:
        """The same, taken by a thread that is not the main one: what a signal looks like that comes just
        before the main thread goes to sleep, noted but waking nobody. By the oldest such thread, the reader
        of the connection: one that ends takes its signals along."""
        pid = self._process.pid
        tasks = [task for task in Path(f"/proc/{pid}/task").iterdir() if task.name != str(pid)]
        thread = int(min(tasks, key=_begun).name)
        assert ctypes.CDLL(None).tgkill(pid, thread, int(signal.SIGINT)) == 0

    def end(self) -> int:
        """The exit code as a shell gives it, once the process has ended by itself and all it said is read."""
        code = self._process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        assert self._process.stderr is not None
        self._process.stderr.close()
        return 128 - code if code < 0 else code


def _begun(task: Path) -> float:
    """When a thread began, in the kernel's ticks; never, once it has ended."""
    try:
        return int((task / "stat").read_text().rpartition(")")[2].split()[19])
    except OSError:
        return math.inf


def until(reached: Callable[[], object], complaint: object = "it did not come about") -> None:
    """Look again and again until that is reached."""
    deadline = time.monotonic() + PATIENCE
    while not reached():
        assert time.monotonic() < deadline, complaint
        time.sleep(0.02)


@contextmanager
def started(command: Command, *arguments: object) -> Iterator[Process]:
    """Start the command; it is killed when left."""
    process = subprocess.Popen(
        [*command.words, *map(str, arguments)],
        cwd=command.folder,
        env=dict(command.environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    running = Process(process)
    try:
        yield running
    finally:
        process.kill()
        running.end()


def says(text: str) -> Callable[[dict[str, Any]], bool]:
    """Whether a message of `--progress=rawjson` has `text` in a step's output."""
    from base64 import b64decode

    return lambda record: any(text in b64decode(log["data"]).decode() for log in record.get("logs", ()))


@contextmanager
def stopped(pids: list[int]) -> Iterator[None]:
    """Processes stand still, but for those that have ended."""
    try:
        _send(pids, signal.SIGSTOP)
        yield
    finally:
        _send(pids, signal.SIGCONT)


def _send(pids: list[int], number: int) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)
