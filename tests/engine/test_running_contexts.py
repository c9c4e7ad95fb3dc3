"""Files that change while they are sent, and disks that are full: a clear error, and the next run works."""

from __future__ import annotations

import os
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.engine.bakefile import define, tree
from tests.engine.processes import PATIENCE, started
from tools.engine.relay import Disturbance, Harm, Relay

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.commands import Command
    from tools.engine.dockerd import Engine

COUNT = 24
"""Files of 1 MiB that are sent: more than all buffers on the way hold, and nobody knows in which order."""


def vanish(path: Path) -> None:
    path.unlink()


def grow(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"more")


def shrink(path: Path) -> None:
    os.truncate(path, 10)


CHANGES = {
    "vanishes": (vanish, "it is gone"),
    "grows": (grow, "it has grown"),
    "shrinks": (shrink, "it has shrunk"),
}
"""What is done to a file, and what is said of it."""


@pytest.fixture
def slow(engine: Engine) -> Iterator[Relay]:
    with Relay(engine.socket) as relay:
        yield relay


@pytest.fixture
def far(pybake: Command, reference: Command, slow: Relay) -> Command:
    """pybake with a builder behind the relay."""
    reference("create", "--name=far", "--driver=remote", slow.endpoint).ok()
    return pybake.where(BUILDX_BUILDER="far")


@pytest.mark.parametrize("change", CHANGES)
def test_a_file_that_changes_while_it_is_sent(project: Path, far: Command, slow: Relay, change: str) -> None:
    harm, how = CHANGES[change]
    folder = project / "changing"
    folder.mkdir()
    for number in range(COUNT):
        (folder / f"f{number}").write_bytes(os.urandom(1 << 20))
    define(
        project,
        app={
            "context": "changing",
            "dockerfile": "FROM scratch\nCOPY . /\n",
            "output": ["type=tar,dest=o.tar"],
        },
    )
    slow.disturb(Disturbance(Harm.HOLD, at=1 << 20))

    with started(far, "app", "--progress=rawjson") as build:
        assert slow.held.wait(PATIENCE)
        for path in folder.iterdir():
            harm(path)
        slow.go_on()
        assert build.end() == 1, build.said[-5:]

    said = "".join(build.said)
    assert "a file of the build context changed while it was sent; `f" in said
    assert how in said
    assert "leave it out with .dockerignore" in said
    assert "ERROR: The build context could not be sent" in said
    assert not (project / "o.tar").exists()
    far("app").ok()


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """A file system of 4 MB in `folder`."""
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize(
    ("output", "former"),
    [
        ("type=local,dest=small/out", "small/out/data"),
        ("type=tar,dest=small/out.tar", "small/out.tar"),
        ("type=oci,dest=small/i.tar,compression=uncompressed", "small/i.tar"),
        ("type=oci,dest=small/layout,tar=false,compression=uncompressed", "small/layout/data"),
    ],
)
def test_a_full_disk(project: Path, pybake: Command, output: str, former: str) -> None:
    folder = project / "content"
    folder.mkdir()
    (folder / "data").write_bytes(os.urandom(8 << 20))
    define(
        project, app={"context": "content", "dockerfile": "FROM scratch\nCOPY data /\n", "output": [output]}
    )
    with small_disk(project / "small"):
        (project / former).parent.mkdir(exist_ok=True)
        (project / former).write_text("former")
        before = tree(project / "small")

        told = pybake("app")

        assert told.code == 1
        error = told.stderr[told.stderr.index("ERROR: ") :]
        assert "No space left on device" in error
        assert "free space where the output goes" in error
        assert "Traceback" not in told.stderr
        assert tree(project / "small") == before

        os.truncate(folder / "data", 1 << 20)
        pybake("app").ok()


def test_a_full_standard_output(project: Path, pybake: Command) -> None:
    define(project, app={"dockerfile": "FROM scratch\nCOPY rootfs /\n", "output": ["type=tar"]})
    shell = pybake.runs("sh", "-c", f"{pybake.words[0]} app >/dev/full")
    told = shell()
    assert told.code == 1
    assert "cannot write the output; `standard output`: No space left on device" in told.stderr
    assert "Traceback" not in told.stderr
