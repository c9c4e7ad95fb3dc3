"""What builds leave in the process that made them: threads, open files, memory.

They are made in a process that does nothing else, `python -m tools.leaks HOST COUNT`: whatever is there
once a client was closed, and was not before the first build, is that client's. It prints one `Kept` for
each round, as JSON.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import threading
import time
import tracemalloc
from dataclasses import asdict, dataclass, field
from pathlib import Path

PATIENCE = 30.0
"""Seconds in which a closed client's threads have to end."""


@dataclass(frozen=True)
class Kept:
    """What a process has more than before its first build: threads and open files by name, bytes of
    Python's objects."""

    threads: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    memory: int = 0


def kept(host: str, count: int) -> list[Kept]:
    """In a process of its own, build so many times on the engine at `host`, and fail as often, each time
    with another client; gives what was there after each round."""
    command = [sys.executable, "-m", "tools.leaks", host, str(count)]
    done = subprocess.run(
        command, cwd=Path(__file__).parents[1], stdout=subprocess.PIPE, check=True, text=True, timeout=300
    )
    return [Kept(**one) for one in json.loads(done.stdout)]


def _builds(host: str, count: int) -> list[Kept]:
    tracemalloc.start()
    threads, files, memory = set(threading.enumerate()), _files(), _memory()
    found = []
    for number in range(count):
        _build(host, f"FROM scratch\nLABEL build={number}\n")
        _fail(host, f"FROM scratch\nNONSENSE {number}\n")
        left = _left(threads, files)
        found.append(Kept(*left, _memory() - memory))
    return found


def _build(host: str, dockerfile: str) -> None:
    from bake.buildkit.client import Client
    from bake.buildkit.endpoint import Engine, parse
    from bake.solve import InlineTree, Solve, SolveKey

    tree = InlineTree({"Dockerfile": dockerfile.encode()})
    with Client(Engine(parse(host))) as client:
        client.solve(Solve(SolveKey("a"), "a", "n", locals={"dockerfile": tree}))


def _fail(host: str, dockerfile: str) -> None:
    from bake.errors import SolveError

    try:
        _build(host, dockerfile)
    except SolveError:
        return
    raise AssertionError("a build that cannot work did")


def _left(threads: set[threading.Thread], files: dict[str, str]) -> tuple[list[str], list[str]]:
    """The threads and open files beyond those: none, or what has not gone after a while."""
    deadline = time.monotonic() + PATIENCE
    while True:
        more = [one.name for one in threading.enumerate() if one not in threads]
        opened = [name for number, name in _files().items() if number not in files]
        if not (more or opened) or time.monotonic() > deadline:
            return more, opened
        time.sleep(0.01)


def _files() -> dict[str, str]:
    """The open descriptors, each with what it is."""
    found = {}
    for number in os.listdir("/proc/self/fd"):
        try:
            found[number] = os.readlink(f"/proc/self/fd/{number}")
        except FileNotFoundError:  # what listed the folder
            continue
    return found


def _memory() -> int:
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


if __name__ == "__main__":
    # Nothing is to be closed by luck
    gc.disable()
    print(json.dumps([asdict(one) for one in _builds(sys.argv[1], int(sys.argv[2]))]))
