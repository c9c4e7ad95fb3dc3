"""Engines that are not there, or go away: which address was tried, why it failed, what to do."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

import pytest

from tests.engine.bakefile import BOTH, ROOT, define, word
from tests.engine.processes import says, started
from tools.engine.dockerd import Engine

if TYPE_CHECKING:
    from pathlib import Path

    from tests.commands import Command
    from tools.engine.packages import Tools


def last_error(text: str) -> str:
    return text[text.rindex("ERROR: ") :]


def test_an_engine_that_is_killed_ends_the_build_with_an_error(
    project: Path, pybake: Command, tools: Tools
) -> None:
    unique = word()
    define(
        project,
        {"default": ["one", "two"]},
        one={"dockerfile": f"{ROOT}RUN echo one-{unique}; sleep 600\n", "output": ["out"]},
        two={"dockerfile": f"{ROOT}RUN echo two-{unique}; sleep 600\n", "platforms": BOTH},
    )

    with (
        Engine(tools) as engine,
        started(pybake.where(DOCKER_HOST=engine.host), "--progress=rawjson") as build,
    ):
        build.wait_for_record(says(f"one-{unique}"))
        build.wait_for_record(says(f"two-{unique}"))
        engine.kill()
        assert build.end() == 1

    said = "".join(build.said)
    assert "Lost the connection to BuildKit" in last_error(said)
    assert f"`{engine.host}`" in last_error(said)
    assert "has the engine been stopped" in last_error(said)
    assert "Traceback" not in said
    assert "internal error" not in said
    assert not (project / "out").exists()


@pytest.mark.parametrize(
    ("host", "told"),
    [
        (
            "unix://{folder}/gone.sock",
            ("`unix://{folder}/gone.sock`", "no such file", "is the engine running?"),
        ),
        ("unix://{folder}/dead.sock", ("`unix://{folder}/dead.sock`", "connection refused", "DOCKER_HOST")),
        ("unix://{folder}/Dockerfile", ("`unix://{folder}/Dockerfile`", "DOCKER_HOST")),
        ("tcp://127.0.0.1:1", ("`tcp://127.0.0.1:1`", "connection refused", "listening there")),
        ("tcp://nobody.invalid:2375", ("`tcp://nobody.invalid:2375`", "unknown host")),
        ("ftp://somewhere", ("`ftp://somewhere`", "unix://", "tcp://", "ssh://")),
        ("tcp://127.0.0.1:port", ("`tcp://127.0.0.1:port`", "port")),
        ("nonsense", ("`nonsense`", "unix://")),
    ],
)
def test_an_address_that_does_not_answer_is_named_with_the_reason(
    project: Path, pybake: Command, host: str, told: tuple[str, ...]
) -> None:
    define(project, app={})
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(project / "dead.sock"))

    ended = pybake("app", DOCKER_HOST=host.format(folder=project))

    assert ended.code == 1
    assert [text for text in told if text.format(folder=project) not in ended.stderr] == []
    assert ended.stderr.startswith("ERROR: ")
    assert "Traceback" not in ended.stderr


def test_a_socket_that_may_not_be_used_says_which_group_may(project: Path, pybake: Command) -> None:
    define(project, app={})
    # root may use any socket, unless it is deprived of the right to
    deprived = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.getuid() == 0 else []

    with socket.socket(socket.AF_UNIX) as forbidden:
        forbidden.bind(str(project / "forbidden.sock"))
        forbidden.listen()
        (project / "forbidden.sock").chmod(0)
        ended = pybake.runs(*deprived, *pybake.words)("app", DOCKER_HOST=f"unix://{project}/forbidden.sock")

    assert ended.code == 1
    assert f"`unix://{project}/forbidden.sock`: permission denied" in ended.stderr
    assert "the group that owns the socket" in ended.stderr
