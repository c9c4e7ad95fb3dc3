"""The process that keeps a private engine: starts it, and stops it when nobody has used it for a while.

It takes its order on standard input, as JSON: `command`, `environment`, `runtime`, `idle` (seconds, 0 for
never), `program`, `bridge` (name and address, none). It holds the lock on `kept` while it lives, and so does
the engine: one that lost its keeper is still known to be there. An engine is in use while somebody is
connected to its socket, whoever that is.
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from bake.builder.local import bridge

if TYPE_CHECKING:
    from types import FrameType

CONNECTED = "03"
"""A connected socket's state in /proc/net/unix (SS_CONNECTED of <linux/net.h>)."""
PAUSE = 0.25
STOP_SECONDS = 30.0


def main() -> None:
    """Keep one engine; ends with it."""
    order = json.loads(sys.stdin.buffer.read())
    os.chdir(order["runtime"])
    with open("kept", "wb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        _keep(order, lock.fileno())


def _keep(order: dict[str, Any], lock: int) -> None:
    stopping: list[int] = []

    def stop(number: int, _frame: FrameType | None) -> None:
        stopping.append(number)

    signal.signal(signal.SIGTERM, stop)
    for name in ("engine.sock", "dockerd.pid"):  # of an engine that was killed: its number may be another's
        with suppress(FileNotFoundError):
            os.remove(name)
    if order["bridge"]:
        bridge.remove(order["bridge"][0])  # of a keeper that was killed
        bridge.create(*order["bridge"])
    try:
        engine = _start(order, lock)
        with open("keeper", "w", encoding="ascii") as file:
            json.dump({"pids": [os.getpid(), engine.pid], "program": order["program"]}, file)
        used = time.monotonic()
        while engine.poll() is None and not stopping:
            time.sleep(PAUSE)
            if connections("engine.sock"):
                used = time.monotonic()
            elif order["idle"] and time.monotonic() - used > order["idle"]:
                if _nobody_starts():
                    break
                used = time.monotonic()  # who waits for it to answer is about to use it
        _end(engine)
    finally:
        for name in ("engine.sock", "keeper"):
            with suppress(FileNotFoundError):
                os.remove(name)
        if order["bridge"]:
            bridge.remove(order["bridge"][0])


def _start(order: dict[str, Any], lock: int) -> subprocess.Popen[bytes]:
    with open("log", "wb") as log:
        return subprocess.Popen(
            order["command"],
            env=order["environment"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=[lock],
        )


def connections(socket: str) -> int:
    """How many are connected to the unix socket at the path `socket`."""
    path = os.path.abspath(socket)
    with open("/proc/net/unix", encoding="utf-8", errors="replace") as file:
        rows = [line.split(None, 7) for line in file]
    return sum(1 for row in rows if len(row) == 8 and row[7].strip() == path and row[5] == CONNECTED)


def _nobody_starts() -> bool:
    """Whether nobody is about to use it; from then on whoever starts it waits for us to end."""
    lock = os.open("starting", os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return False
    return True


def _end(engine: subprocess.Popen[bytes]) -> None:
    engine.terminate()
    try:
        engine.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        engine.kill()
        engine.wait()


if __name__ == "__main__":
    main()
