"""Ctrl-C at thirty random moments: exit code 130 each time, nothing left running, nothing left over."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from bake.buildkit.history import Query
from tests.engine.bakefile import word
from tests.engine.building import connected, until_no_process_has
from tools.bench.interrupts import endless, interrupt, moments

if TYPE_CHECKING:
    from pathlib import Path

    from tests.commands import Command
    from tools.engine.dockerd import Engine

COUNT = 30
LONGEST = 2.0
"""Seconds in which all phases of the build have begun."""


def test_at_thirty_random_moments(project: Path, pybake: Command, engine: Engine) -> None:
    (project / "out").mkdir()
    (project / "out/former").write_text("former")
    (project / "base.tar").write_text("former")

    words = [word() for _ in range(COUNT)]
    for unique, after in zip(words, moments(COUNT, LONGEST), strict=True):
        endless(project, unique)
        found = interrupt([*pybake.words, "--progress=plain"], pybake.environment, project, after)
        assert found.code == 130, found
        assert "internal error" not in found.said, found
        left = {path.name for path in project.iterdir()} - {"out", "base.tar"}
        assert left == {"rootfs", "data", "docker-bake.json", "Dockerfile"}, found
        assert {path.name for path in (project / "out").iterdir()} <= {"former", *words}

    for unique in words:
        until_no_process_has(unique)
    until_nothing_is_built(engine)


def until_nothing_is_built(engine: Engine) -> None:
    """Wait until the engine, which this process has for itself, knows no build that still runs."""
    deadline = time.monotonic() + 60
    with connected(engine) as client:
        while running := [event for event in client.history(Query(active_only=True)) if event.record]:
            assert time.monotonic() < deadline, running
            time.sleep(0.05)
