"""Ctrl-C at every moment: exit code 130, nothing left running or lying about, former outputs untouched."""

from __future__ import annotations

import json
import os
import socket
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.engine.bakefile import ROOT, define, put_data, word
from tests.engine.building import until_no_process_has
from tests.engine.processes import PATIENCE, says, started, stopped, until
from tools.engine.dockerd import Engine, request
from tools.engine.relay import Disturbance, Harm, Relay

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.commands import Command
    from tests.engine.processes import Process
    from tools.engine.packages import Tools

BIG = 32 << 20
"""Bytes of a file, half of which has been sent or written when Ctrl-C comes."""
STOPPING = "once more to leave at once"
"""What is said of the first one when it was heard."""


def names(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if "rootfs" not in path.parts}


@pytest.fixture
def big(project: Path) -> Path:
    """A context with that file."""
    return put_data(project / "big", BIG)


@pytest.fixture
def network(engine: Engine) -> Iterator[Relay]:
    """What leads to the engine, and stops where it is told to."""
    with Relay(engine.socket) as running:
        yield running


@pytest.fixture
def far(pybake: Command, network: Relay) -> Command:
    """pybake, building over that network."""
    pybake("create", "--name=far", "--driver=remote", network.endpoint).ok()
    return pybake.where(BUILDX_BUILDER="far")


def interrupt_held(build: Process, network: Relay) -> None:
    """Interrupt a build that is held up, and let it go on once it has heard."""
    assert network.held.wait(PATIENCE)
    build.interrupt()
    build.wait_for(lambda line: STOPPING in line)
    network.go_on()
    assert build.end() == 130, build.said[-5:]


def test_while_a_step_runs(project: Path, pybake: Command) -> None:
    unique = word()
    define(
        project,
        app={"dockerfile": f"{ROOT}RUN echo at-{unique}; sleep 600 # {unique}\n", "output": ["out"]},
    )
    before = names(project)

    with started(pybake, "app", "--progress=rawjson") as build:
        build.wait_for_record(says(f"at-{unique}"))
        build.interrupt()
        assert build.end() == 130

    until_no_process_has(unique)
    assert names(project) == before
    assert "Traceback" not in "".join(build.said)


def test_when_the_main_thread_is_not_woken(project: Path, pybake: Command) -> None:
    unique = word()
    define(
        project,
        app={"dockerfile": f"{ROOT}RUN echo at-{unique}; sleep 600 # {unique}\n", "output": ["out"]},
    )

    with started(pybake, "app", "--progress=rawjson") as build:
        build.wait_for_record(says(f"at-{unique}"))
        build.interrupt_beside()
        assert build.end() == 130

    until_no_process_has(unique)


def test_while_two_linked_targets_run(project: Path, pybake: Command) -> None:
    unique = word()
    define(
        project,
        base={"dockerfile": f"{ROOT}RUN echo at-{unique}; sleep 600 # {unique}\n"},
        app={"contexts": {"parent": "target:base"}, "dockerfile": "FROM parent\n", "output": ["out"]},
    )

    with started(pybake, "base", "app", "--progress=rawjson") as build:
        build.wait_for_record(says(f"at-{unique}"))
        build.interrupt()
        assert build.end() == 130

    until_no_process_has(unique)
    assert not (project / "out").exists()


@pytest.mark.usefixtures("big")
def test_while_the_context_is_sent(project: Path, far: Command, network: Relay) -> None:
    define(project, app={"context": "big", "dockerfile": "FROM scratch\nCOPY data /\n", "output": ["out"]})
    before = names(project)
    network.disturb(Disturbance(Harm.HOLD, BIG // 2))

    with started(far, "app", "--progress=plain") as build:
        interrupt_held(build, network)

    assert names(project) == before


@pytest.mark.usefixtures("big")
@pytest.mark.parametrize(
    ("output", "former"),
    [
        ("type=local,dest=out", "out/data"),
        ("type=tar,dest=out.tar", "out.tar"),
        ("type=oci,dest=o/i.tar,compression=uncompressed", "o/i.tar"),
    ],
)
def test_while_an_output_is_written(
    project: Path, far: Command, network: Relay, output: str, former: str
) -> None:
    define(project, app={"context": "big", "dockerfile": "FROM scratch\nCOPY data /\n", "output": [output]})
    far("app", "--set=app.output=type=cacheonly").ok()
    (project / former).parent.mkdir(exist_ok=True)
    (project / former).write_text("former")
    before = names(project)
    network.disturb(Disturbance(Harm.HOLD, BIG // 2, to_engine=False))

    with started(far, "app", "--progress=plain") as build:
        interrupt_held(build, network)

    assert names(project) == before
    assert (project / former).read_text() == "former"


def test_while_the_bake_file_is_read(project: Path, pybake: Command) -> None:
    pipe = project / "docker-bake.hcl"
    os.mkfifo(pipe)

    with started(pybake, "app", "-f", "docker-bake.hcl") as build:
        writer = opened_by_a_reader(pipe)
        build.interrupt()
        assert build.end() == 130
        os.close(writer)

    assert build.said == []


def opened_by_a_reader(pipe: Path) -> int:
    """The end to write to of a pipe, once somebody has opened the other one."""
    ends: list[int] = []

    def opened() -> bool:
        with suppress(OSError):
            ends.append(os.open(pipe, os.O_WRONLY | os.O_NONBLOCK))
        return bool(ends)

    until(opened)
    return ends[0]


@pytest.fixture
def own_engine(tools: Tools) -> Iterator[Engine]:
    """An engine that nobody else uses."""
    with Engine(tools) as running:
        yield running


def daemons(engine: Engine) -> list[int]:
    """The processes of an engine."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if str(engine.folder) in (process / "cmdline").read_text(errors="replace"):
                found.append(int(process.name))
        except OSError:
            continue
    return found


def test_a_second_one_leaves_at_once_from_an_engine_that_hangs(
    project: Path, pybake: Command, own_engine: Engine
) -> None:
    unique = word()
    define(project, app={"dockerfile": f"{ROOT}RUN echo at-{unique}; sleep 600\n", "output": ["out"]})
    command = pybake.where(DOCKER_HOST=own_engine.host)

    with started(command, "app", "--progress=plain") as build:
        build.wait_for(lambda line: line.endswith(f" at-{unique}\n"))
        with stopped(daemons(own_engine)):
            build.interrupt()
            build.wait_for(lambda line: STOPPING in line)
            build.interrupt()
            assert build.end() == 130

    assert json.loads(request(own_engine.socket, "/version"))["Os"] == "linux"


def test_an_engine_that_never_answers_is_left_at_once(project: Path, pybake: Command) -> None:
    define(project, app={"output": ["out"]})

    with socket.socket(socket.AF_UNIX) as silent:
        silent.settimeout(60)
        silent.bind(str(project / "silent.sock"))
        silent.listen()
        with started(pybake.where(DOCKER_HOST=f"unix://{project}/silent.sock"), "app") as build:
            connection, _ = silent.accept()
            assert connection.recv(1)
            build.interrupt()
            assert build.end() == 130
            connection.close()

    assert build.said == []
