"""`pybake explain` as a person runs it, where no engine answers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.commands import Command


@pytest.fixture(autouse=True)
def file(tmp_path: Path) -> None:
    (tmp_path / "docker-bake.hcl").write_text(
        'variable "TAG" { default = "dev" }\ntarget "default" {\n  tags = ["me:${TAG}"]\n}\n'
    )


def test_a_target_is_explained_without_an_engine(pybake: Command) -> None:
    said = pybake("explain", "--var", "TAG=2").ok().stdout

    assert "tags[0]     me:2        docker-bake.hcl:3  with TAG=2 (--var)" in said
    assert "runs on        unknown: " in said


def test_json_is_for_programs(pybake: Command) -> None:
    found = json.loads(pybake("explain", "default", "--format=json", "--set", "*.no-cache=true").ok().stdout)

    values = {one["path"]: one for one in found["target"]["default"]["values"]}
    assert values["tags[0]"]["line"] == 3
    assert values["no-cache"]["detail"] == "*.no-cache=true"


def test_a_target_that_is_not_there_is_an_error(pybake: Command) -> None:
    answer = pybake("explain", "defualt")

    assert answer.code == 1
    assert "failed to find target defualt" in answer.stderr
    assert "default" in answer.stderr


def test_help_names_what_it_takes(pybake: Command) -> None:
    said = pybake("explain", "--help").ok().stdout

    assert all(option in said for option in ("--file", "--set", "--var", "--format", "--builder"))
    assert "explain" in pybake("--help").ok().stdout
