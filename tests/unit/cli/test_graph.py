"""`pybake graph` as a person runs it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.commands import Command


@pytest.fixture(autouse=True)
def file(tmp_path: Path) -> None:
    (tmp_path / "docker-bake.hcl").write_text(
        'group "default" { targets = ["app"] }\n'
        'target "app" { contexts = { base = "target:base" } }\ntarget "base" {}\ntarget "other" {}\n'
    )


def test_text_is_a_tree(pybake: Command) -> None:
    assert pybake("graph").ok().stdout == "group default\n└── app\n    └── base (context base)\nother\n"


def test_every_format_shows_the_targets(pybake: Command) -> None:
    picture = ElementTree.fromstring(pybake("graph", "--format", "svg", "app").ok().stdout)
    labels = ["".join(text.itertext()) for text in picture.iter("{http://www.w3.org/2000/svg}text")]
    assert labels == ["app", "base"]
    assert len(json.loads(pybake("graph", "--format=json").ok().stdout)["nodes"]) == 4
    assert pybake("graph", "--format=dot").ok().stdout.startswith("digraph bake {\n")
    assert pybake("graph", "--format=mermaid").ok().stdout.startswith("flowchart LR\n")


def test_a_format_that_is_none_is_an_error(pybake: Command) -> None:
    answer = pybake("graph", "--format=png")

    assert answer.code == 1
    assert "'png' is not one of 'text', 'dot', 'mermaid', 'svg', 'json'" in answer.stderr


def test_help_names_what_it_takes(pybake: Command) -> None:
    said = pybake("graph", "--help").ok().stdout

    assert all(word in said for word in ("--file", "--var", "--format", "mermaid"))
