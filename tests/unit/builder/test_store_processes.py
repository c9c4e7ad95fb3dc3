"""The store under several processes, and under processes that are killed in the middle."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

from bake.builder.store import Store
from bake.node import Builder, Node

if TYPE_CHECKING:
    from pathlib import Path

    from tests.commands import Command

WRITER = """
import sys
from bake.builder.store import Store
from bake.node import Builder, Node
store = Store(sys.argv[1])
number = 0
while True:
    number += 1
    name = f"b{number % 3}"
    nodes = tuple(Node(f"n{one}", f"tcp://h{one}:1") for one in range(number % 40))
    with store.locked():
        store.save(Builder(name, "remote", nodes))
        store.set_current("here", name, default=True)
    store.touch(name, number)
    if number == 5:
        print("writing", flush=True)
"""
KILLS = 8
AT_ONCE = 10


def assert_whole(folder: Path) -> None:
    """Every file can be read, by buildx too: it takes each name in `instances` for a builder."""
    store = Store(str(folder))
    assert {path.name for path in (folder / "instances").iterdir()} <= {"b0", "b1", "b2"}
    for path in (folder / "instances").iterdir():
        assert json.loads(path.read_bytes())["Name"] == path.name
    for path in (folder / "activity").iterdir():
        assert path.read_text().endswith("Z")
    assert store.current("here") in store.names()


def test_killed_writers_leave_a_whole_store(tmp_path: Path) -> None:
    folder = tmp_path / "buildx"
    for _ in range(KILLS):
        writer = subprocess.Popen([sys.executable, "-c", WRITER, str(folder)], stdout=subprocess.PIPE)
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"writing\n"
        writer.kill()
        writer.communicate()
        assert_whole(folder)
    with Store(str(folder)).locked():
        left = [path.name for path in folder.iterdir() if path.name.startswith(".pybake-")]
    assert left == []


def test_a_killed_holder_frees_the_lock(tmp_path: Path) -> None:
    folder = tmp_path / "buildx"
    code = (
        "import sys; from bake.builder.store import Store\n"
        "with Store(sys.argv[1]).locked():\n    print('held', flush=True); sys.stdin.read()"
    )
    streams = subprocess.PIPE
    holder = subprocess.Popen([sys.executable, "-c", code, str(folder)], stdout=streams, stdin=streams)
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    entered = threading.Event()

    def enter() -> None:
        with Store(str(folder)).locked():
            entered.set()

    waiting = threading.Thread(target=enter)
    waiting.start()
    assert not entered.is_set()
    holder.kill()
    holder.communicate()
    waiting.join(60)
    assert entered.is_set()


def test_ten_processes_at_once_lose_nothing(pybake: Command, environment: dict[str, str]) -> None:
    folder = environment["BUILDX_CONFIG"]
    Store(folder).save(Builder("many", "remote", (Node("many0", "unix:///nowhere/0.sock"),)))

    def append(number: int) -> None:
        endpoint = f"unix:///nowhere/{number}.sock"
        pybake("create", "--append", "--name", "many", endpoint).ok()

    threads = [threading.Thread(target=append, args=(number,)) for number in range(1, AT_ONCE + 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = Store(folder).get("many")
    assert found is not None
    assert {node.endpoint for node in found.nodes} == {
        f"unix:///nowhere/{number}.sock" for number in range(AT_ONCE + 1)
    }
    assert [node.name for node in found.nodes] == [f"many{number}" for number in range(AT_ONCE + 1)]
