"""`pybake doctor` before a real engine."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

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


def test_a_damaged_configuration_of_docker_is_told_and_left_out(tmp_path: Path, pybake: Command) -> None:
    (tmp_path / "docker").mkdir()
    (tmp_path / "docker" / "config.json").write_text('{\n  "auths": \n')
    (tmp_path / "Dockerfile").write_text("FROM scratch\nCOPY Dockerfile /\n")
    damaged = pybake.where(DOCKER_CONFIG=str(tmp_path / "docker"))

    built = damaged("build", "-o", "out", ".").ok()

    warning = f"WARNING: docker's configuration is damaged and left out: {tmp_path}/docker/config.json:3:1: "
    assert built.stderr.count(warning) == 1
    assert (tmp_path / "out" / "Dockerfile").exists()
    examined = damaged("doctor")
    assert examined.code == 1
    assert "config.json:3:1" in examined.stdout
