"""The language in small: each folder is one definition in HCL, JSON and TOML, and what `--print` gives.

`case.toml` holds further words of the command line and the environment. What was expected was recorded from
buildx 0.29.1 (its HCL and its JSON gave the same), which is asked again where it is at hand.
"""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.commands import Command
from tools.engine.machine import ToolError
from tools.engine.packages import obtain

if TYPE_CHECKING:
    from collections.abc import Mapping

CASES = sorted(path.parent for path in Path(__file__).parent.glob("*/case.toml"))
DIALECTS = ("hcl", "json", "toml")
BY_NAME = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


def words(case: Path, dialect: str) -> tuple[list[str], Mapping[str, str]]:
    """The command line, and the environment that goes with it."""
    found = tomllib.loads((case / "case.toml").read_text())
    environment: dict[str, str] = found.get("environment", {})
    return ["bake", "--print", "-f", f"docker-bake.{dialect}", *found["words"]], environment


def expected(case: Path) -> Any:
    return json.loads((case / "expected.json").read_text())


@BY_NAME
@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_case_prints_what_is_expected(case: Path, dialect: str, pybake: Command) -> None:
    asked, environment = words(case, dialect)
    assert json.loads(pybake.at(case)(*asked, **environment).ok().stdout) == expected(case)


@BY_NAME
@pytest.mark.parametrize("dialect", ["hcl", "json"])
def test_the_reference_prints_it_too(case: Path, dialect: str) -> None:
    try:
        reference = Command([obtain().program("docker-buildx")], {"HOME": "/home/user"}, case)
    except ToolError as error:
        pytest.skip(f"the reference is not at hand: {error}")
    asked, environment = words(case, dialect)
    assert json.loads(reference(*asked, **environment).ok().stdout) == expected(case)


def test_every_folder_is_a_case() -> None:
    names = {"case.toml", "expected.json", *(f"docker-bake.{dialect}" for dialect in DIALECTS)}
    assert [{path.name for path in case.iterdir()} for case in CASES] == [names] * len(CASES)
