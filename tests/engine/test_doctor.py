"""`pybake doctor` before a real engine."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.commands import Command


def test_an_engine_that_is_well(pybake: Command) -> None:
    done = pybake("doctor").ok()
    assert "builder" in done.stdout
    assert "default, docker driver, 1 node" in done.stdout
    assert "running, BuildKit" in done.stdout
    assert "GB free in" in done.stdout
    rows = json.loads(pybake("doctor", "--format=json").ok().stdout)
    assert {row["level"] for row in rows} <= {"ok", "warning"}
    (found,) = [row for row in rows if row["topic"] == "platforms"]
    assert found["text"] == "builds for amd64, arm64"
