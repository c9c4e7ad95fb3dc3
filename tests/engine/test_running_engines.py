"""Engines that are killed in the middle of a build, of an upload, of an export; and exports that fail there.

What is left over is looked for in the folder, the next run has to work.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.engine.bakefile import ROOT, define, put_data, tree, word
from tests.engine.processes import PATIENCE, says, started
from tools.engine.dockerd import Engine
from tools.engine.relay import Disturbance, Harm, Relay

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.commands import Command
    from tools.engine.packages import Tools

BIG = 24 << 20
"""Bytes, half of which are more than what is on the way at any time."""


@pytest.fixture
def victim(tools: Tools) -> Iterator[Engine]:
    """An engine that may be killed."""
    with Engine(tools) as running:
        yield running


@pytest.fixture
def big(project: Path) -> Path:
    """A context whose half can be sent."""
    return put_data(project / "big", BIG)


def lost(said: list[str]) -> bool:
    """Whether it ends with a clear error, and nothing but that."""
    text = "".join(said)
    return "ERROR: Lost the connection to BuildKit" in text and "Traceback" not in text


def test_killed_while_a_step_runs(project: Path, pybake: Command, victim: Engine) -> None:
    unique = word()
    define(
        project,
        {"default": ["a", "b"]},
        a={"dockerfile": f"{ROOT}RUN echo at-{unique}; sleep 600\n", "output": ["out"]},
        b={"dockerfile": f"{ROOT}RUN sleep 600\n", "output": ["type=tar,dest=out.tar"]},
    )
    before = tree(project)

    with started(pybake.where(DOCKER_HOST=victim.host), "--progress=rawjson") as build:
        build.wait_for_record(says(f"at-{unique}"))
        victim.kill()
        assert build.end() == 1

    assert lost(build.said)
    assert tree(project) == before


def test_killed_while_the_context_is_sent(
    project: Path, pybake: Command, reference: Command, victim: Engine, big: Path
) -> None:
    """Half of the context has been sent when the network stands still, and the engine falls."""
    define(project, app={"context": big.name, "dockerfile": "FROM scratch\nCOPY data /\n", "output": ["out"]})
    before = tree(project)

    with Relay(victim.socket) as relay:
        reference("create", "--name=far", "--driver=remote", relay.endpoint).ok()
        relay.disturb(Disturbance(Harm.HOLD, at=BIG // 2))
        with started(pybake.where(BUILDX_BUILDER="far"), "app", "--progress=rawjson") as build:
            fall(victim, relay)
            assert build.end() == 1

    assert lost(build.said)
    assert tree(project) == before
    pybake("app").ok()
    assert (project / "out/data").stat().st_size == BIG


def fall(victim: Engine, relay: Relay) -> None:
    """Once the relay holds what passes: the engine is killed, and the network says so."""
    assert relay.held.wait(PATIENCE)
    victim.kill()
    relay.cut()
    relay.go_on()


@pytest.mark.parametrize(
    ("output", "former"),
    [
        ("type=local,dest=out", "out/data"),
        ("type=tar,dest=out.tar", "out.tar"),
        ("type=oci,dest=i.tar,compression=uncompressed", "i.tar"),
        ("type=oci,dest=layout,tar=false,compression=uncompressed", "layout/data"),
    ],
)
def test_killed_while_an_output_is_written(
    project: Path, pybake: Command, reference: Command, victim: Engine, big: Path, output: str, former: str
) -> None:
    """Half of the output has come when the network stands still, and the engine falls."""
    define(
        project, app={"context": big.name, "dockerfile": "FROM scratch\nCOPY data /\n", "output": [output]}
    )
    (project / former).parent.mkdir(exist_ok=True)
    (project / former).write_text("former")
    before = tree(project)

    with Relay(victim.socket) as relay:
        reference("create", "--name=far", "--driver=remote", relay.endpoint).ok()
        far = pybake.where(BUILDX_BUILDER="far")
        far("app", "--set=app.output=type=cacheonly").ok()
        relay.disturb(Disturbance(Harm.HOLD, at=BIG // 2, to_engine=False))
        with started(far, "app", "--progress=rawjson") as build:
            fall(victim, relay)
            assert build.end() == 1

    assert lost(build.said)
    assert tree(project) == before
    pybake("app").ok()
    if "layout" not in output:
        assert (project / former).stat().st_size >= BIG


def test_an_engine_that_comes_back_goes_on(
    project: Path, pybake: Command, tools: Tools, victim: Engine
) -> None:
    """With retries, a restart is survived: a new connection, file sessions opened again."""
    unique = word()
    socket = project / "docker.sock"
    socket.symlink_to(victim.socket)
    (project / "few").mkdir()
    dockerfile = f"{ROOT}RUN echo at-{unique}; sleep $(cat /few/seconds 2>/dev/null || echo 600)\n"
    (project / "rootfs/amd64/few").mkdir()
    define(
        project,
        {"default": ["a", "b"]},
        a={"dockerfile": dockerfile, "output": ["out"]},
        b={"output": ["other"]},
    )

    with started(
        pybake.where(DOCKER_HOST=f"unix://{socket}"), "--retries=6", "--progress=rawjson", "--keep-going"
    ) as build:
        build.wait_for_record(says(f"at-{unique}"))
        (project / "rootfs/amd64/few/seconds").write_text("0")
        victim.kill()
        with Engine(tools) as second:
            socket.unlink()
            socket.symlink_to(second.socket)
            assert build.end() == 0, build.said[-5:]

    assert (project / "out/few/seconds").read_text() == "0"
    assert (project / "other/bin").exists()


def test_an_export_that_fails_halfway_leaves_the_former_output(project: Path, pybake: Command) -> None:
    """BuildKit's tar exporter ends its stream cleanly when it fails: an attribute's name that no tar
    archive can hold makes it fail behind all the rest."""
    folder = project / "odd"
    folder.mkdir()
    (folder / "a").write_bytes(os.urandom(1 << 20))
    (folder / "z").write_text("")
    os.setxattr(folder / "z", "user.a=b", b"1")
    (project / "out.tar").write_text("former")
    define(
        project,
        app={
            "context": "odd",
            "dockerfile": "FROM scratch\nCOPY . /\n",
            "output": ["type=tar,dest=out.tar", "type=local,dest=out"],
        },
    )
    before = tree(project)

    told = pybake("app")

    assert told.code == 1
    assert "PAX" in told.stderr or "xattr" in told.stderr.lower(), told.stderr
    assert tree(project) == before
