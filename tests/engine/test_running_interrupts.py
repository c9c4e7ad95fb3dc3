"""Ctrl-C at thirty random moments: exit code 130 each time, nothing left running, nothing left over."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bake.buildkit.history import Query
from tests.engine.bakefile import word
from tests.engine.building import connected, until_no_process_has
from tests.engine.processes import until
from tools.bench.interrupts import endless, interrupt, moments

if TYPE_CHECKING:
    from pathlib import Path

    from tests.commands import Command
    from tools.engine.dockerd import Engine

COUNT, PARTS = 30, 3
LONGEST = 2.0
"""Seconds in which all phases of the build have begun."""


@pytest.mark.parametrize("part", range(PARTS))
def test_at_thirty_random_moments(project: Path, pybake: Command, engine: Engine, part: int) -> None:
    (project / "out").mkdir()
    (project / "out/former").write_text("former")
    (project / "base.tar").write_text("former")

    chosen = moments(COUNT, LONGEST)[part::PARTS]
    words = [word() for _ in chosen]
    for unique, after in zip(words, chosen, strict=True):
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
    with connected(engine) as client:
        until(lambda: not any(event.record for event in client.history(Query(active_only=True))))
