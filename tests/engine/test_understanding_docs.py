"""docs/understanding.md: its commands, run on its bake file, say what stands there."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.commands import Command

PAGE = (Path(__file__).parents[2] / "docs/understanding.md").read_text()
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
SESSIONS = [text for language, text in BLOCKS if language == "console"]


@pytest.fixture
def here(project: Path, pybake: Command) -> Command:
    (file,) = (text for language, text in BLOCKS if language == "hcl")
    (project / "docker-bake.hcl").write_text(file)
    return pybake


@pytest.mark.parametrize("session", SESSIONS, ids=lambda text: text.partition("\n")[0])
def test_a_command_says_what_stands_below_it(session: str, here: Command) -> None:
    command, _, output = session.partition("\n")
    prompt, program, *words = shlex.split(command)

    assert (prompt, program) == ("$", "pybake")
    assert here(*words).ok().stdout == output


def test_the_command_for_traces_takes_its_variable(here: Command) -> None:
    (shell,) = (text for language, text in BLOCKS if language == "sh")
    variable, program = shlex.split(shell)
    name, _, _ = variable.partition("=")

    assert (name, program) == ("OTEL_EXPORTER_OTLP_ENDPOINT", "pybake")
    assert (
        here.where(**{name: "http://127.0.0.1:1", "OTEL_TRACES_EXPORTER": "none"})("--progress=quiet").code
        == 0
    )
