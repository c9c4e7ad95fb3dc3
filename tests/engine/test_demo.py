"""`make demo`'s script (README.md), as a person sees it."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from tests.commands import Command
from tools.engine.daemon import PROJECT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.commands import Result
    from tools.engine.packages import Tools


@pytest.fixture
def demo(environment: Mapping[str, str]) -> Command:
    """The demo, with the test process's engine and the machine's own cache of programs."""
    home = {name: os.environ[name] for name in ("HOME", "XDG_CACHE_HOME") if name in os.environ}
    return Command([sys.executable, "-m", "tools.demo"], {**environment, **home}, PROJECT)


@pytest.mark.parametrize("command", ["pybake", "reference"])
def test_the_demo_bakes_and_shows_both_platforms(demo: Command, tools: Tools, command: str) -> None:
    words = {"pybake": [], "reference": [tools.program("docker-buildx"), "bake"]}[command]

    assert_shown(demo(*words).ok())


def test_the_demo_starts_an_engine_where_none_runs(demo: Command) -> None:
    shown = demo(DOCKER_HOST="unix:///nowhere.sock").ok()

    assert "Running a Docker Engine" in shown.stdout
    assert_shown(shown)


def test_the_demo_gives_the_exit_code_of_the_build(demo: Command) -> None:
    assert demo("false").code == 1


def assert_shown(result: Result) -> None:
    """That the index, both trees and the programs of both platforms are shown."""
    lines = [line.split()[-1] for line in result.stdout.splitlines() if line.startswith("  ")]
    assert lines[:2] == ["linux/amd64", "linux/arm64"]
    for platform, machine in (("amd64", "x86_64"), ("arm64", "aarch64")):
        assert f"out/linux_{platform}/bin/busybox" in lines
        shown = result.stdout.partition(f"--- linux_{platform}\n")[2]
        assert shown.splitlines()[:2] == [
            f"in the build: Hello from {machine}.",
            f"its busybox, run here: uname -m says {machine}",
        ]
