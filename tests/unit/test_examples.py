"""Every example prints the targets that its README speaks of; engine tests build what can be built."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.commands import Command

EXAMPLES = Path(__file__).parents[2] / "examples"
RELEASES = [f"app-{version}-{variant}" for version in ("1-8", "1-9", "2-0") for variant in ("alpine", "slim")]
PRINTED = {
    "cache": ((), ["default"]),
    "cross": (("default", "image"), ["default", "image"]),
    "emulation": ((), ["default"]),
    "linked": ((), ["app", "base"]),
    "matrix": (
        (),
        [f"app-{version}-{variant}" for version in ("1-28", "1-29") for variant in ("debug", "prod")],
    ),
    "monorepo": ((), ["api", "base", "site", "web"]),
    "native-nodes": ((), ["default"]),
    "release": (("--data", "releases.toml", "--data", "production.toml"), RELEASES),
    "toml": ((), ["app", "tools-full", "tools-slim"]),
}
"""Example → the words it is printed with, the names of its targets."""


def test_every_example_is_told_here() -> None:
    with_bake_file = {path.parent.name for path in EXAMPLES.glob("*/docker-bake.*")}

    assert set(PRINTED) == with_bake_file


@pytest.mark.parametrize("name", PRINTED)
def test_an_example_prints_its_targets(name: str, pybake: Command) -> None:
    words, targets = PRINTED[name]
    answer = pybake.at(EXAMPLES / name)("--print", *words).ok()
    assert sorted(json.loads(answer.stdout)["target"]) == targets


def test_render_prints_what_a_template_becomes(pybake: Command) -> None:
    answer = pybake.at(EXAMPLES / "release")("render", "docker-bake.hcl.j2", "--data", "releases.toml").ok()
    assert 'target "app-2-0-slim" {' in answer.stdout
    assert "{%" not in answer.stdout


def test_a_template_without_its_data_says_what_is_missing(pybake: Command) -> None:
    answer = pybake.at(EXAMPLES / "release")("--print")
    assert answer.code == 1
    assert "docker-bake.hcl.j2:5,1-36: Undefined name in template; 'versions' is undefined." in answer.stderr
    assert "give it with --define NAME=VALUE or --data FILE" in answer.stderr
