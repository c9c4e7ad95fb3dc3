"""A daemon of ours: takes a place on the machine and a command, gives a running process with a keeper."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tools.engine.machine import ToolError
from tools.engine.slot import PLACES, Slot, take

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from typing import Self

PROJECT = Path(__file__).resolve().parents[2]
START_SECONDS = 90.0
POLL_SECONDS = 0.02


class Daemon:
    """Started on entering, gone without a trace on leaving, or when its owner dies.

    A subclass says what to run in `prepare` and when it is up in `answers`.
    """

    places: Collection[int] = PLACES
    """Where it may run."""
    slot: Slot
    _keeper: subprocess.Popen[bytes] | None = None

    @property
    def folder(self) -> Path:
        """The daemon's own folder; it disappears with it."""
        return self.slot.folder

    def prepare(self) -> tuple[list[str], Mapping[str, str]]:
        """The command and the environment to add to ours; the place is taken and swept."""
        raise NotImplementedError

    def answers(self) -> bool:
        """Whether the daemon is ready for work."""
        raise NotImplementedError

    def start(self) -> None:
        """Start and wait until it answers. Raises ToolError with the end of its log."""
        self.slot, held = take(self.places)
        try:
            command, environment = self.prepare()
            order = {
                "number": self.slot.number,
                "command": command,
                "environment": {**_environment(), **environment},
            }
            self._keeper = _keep(order, held)
        finally:
            os.close(held)
        try:
            self.until(self.answers)
        except BaseException:
            self.stop()
            raise

    def until(self, condition: Callable[[], bool]) -> None:
        """Wait for `condition`; raises ToolError when the daemon ends or takes too long."""
        deadline = time.monotonic() + START_SECONDS
        while not condition():
            if not self.running or time.monotonic() > deadline:
                tail = self.slot.log.read_text(errors="replace")[-4000:] if self.slot.log.exists() else ""
                raise ToolError(f"{type(self).__name__} did not start. The end of its log:\n{tail}")
            time.sleep(POLL_SECONDS)

    @property
    def running(self) -> bool:
        """Whether the daemon has been started and has not ended."""
        if self._keeper is None or self._keeper.stdout is None:
            return False
        return not select.select([self._keeper.stdout], [], [], 0)[0]

    def kill(self) -> None:
        """End the daemon as a crash does; its folder stays until `stop`."""
        assert self._keeper is not None
        assert self._keeper.stdout is not None
        keeper = self._keeper.pid
        for child in Path(f"/proc/{keeper}/task/{keeper}/children").read_text().split():
            os.kill(int(child), signal.SIGKILL)
        self._keeper.stdout.read()

    def stop(self) -> None:
        """Kill the daemon, and wait until everything of it is gone. Twice is fine."""
        if self._keeper is not None:
            self._keeper.communicate()
            self._keeper = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def _environment() -> dict[str, str]:
    """Ours without proxies: what is talked to is on this machine."""
    return {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}


def _keep(order: Mapping[str, object], held: int) -> subprocess.Popen[bytes]:
    """Start a keeper in a session of its own, so that a Ctrl-C reaches the owner alone."""
    keeper = subprocess.Popen(
        [sys.executable, "-m", "tools.engine.keeper"],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
        pass_fds=[held],
    )
    assert keeper.stdin is not None
    keeper.stdin.write(json.dumps(order).encode() + b"\n")
    keeper.stdin.flush()
    return keeper
