"""The published schema: fresh, and of the same mind as the reader of files."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tools import schemas

ROOT = Path(__file__).parents[3]
VALIDATOR = Draft202012Validator(json.loads(schemas.FILE.read_text()))


def test_the_schema_is_fresh() -> None:
    assert schemas.FILE.read_text() == schemas.text(), "run `make schemas`"


def test_the_toml_example_is_valid() -> None:
    example = tomllib.loads((ROOT / "examples/toml/docker-bake.toml").read_text())
    assert [error.message for error in VALIDATOR.iter_errors(example)] == []


@pytest.mark.parametrize(
    "target",
    [
        {"tags": ["a"], "args": {"A": None}, "output": [{"type": "local", "dest": "out"}, "type=image"]},
        {"tags": '${split(",", TAGS)}', "no-cache": True},
        {"matrix": {"v": ["1", "2"]}, "name": "t-${v}"},
    ],
)
def test_what_bake_reads_is_valid(target: dict[str, Any]) -> None:
    assert [error.message for error in VALIDATOR.iter_errors({"target": {"t": target}})] == []


@pytest.mark.parametrize("target", [{"tagz": ["a"]}, {"tags": 1}, {"args": ["A=1"]}])
def test_typos_and_wrong_types_are_not(target: dict[str, Any]) -> None:
    assert list(VALIDATOR.iter_errors({"target": {"t": target}}))
