"""Calls instead of builds, as the reference shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.commands import Command

DEFINITION = """\
group "default" { targets = ["warned", "clean"] }
target "warned" {
  description = "has something to say"
  dockerfile = "Warned"
  args = { WORD = "given" }
}
target "clean" { dockerfile = "Clean" }
target "broken" { dockerfile = "Broken" }
target "own" {
  dockerfile = "Warned"
  call = "outline"
}
"""
DOCKERFILES = {
    "Warned": "# it is the base\nFROM scratch AS base\nARG WORD=default\ncopy word /\nfrom base as last\n",
    "Clean": "FROM scratch\nCOPY word /\n",
    "Broken": "FROM scratch\nCOPPY word /\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in {"docker-bake.hcl": DEFINITION, "word": "", **DOCKERFILES}.items():
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.mark.parametrize(
    "words",
    [
        "--check",
        "--check clean",
        "--check warned broken",
        "--call=check,ignorestatus=true warned",
        "--call=outline",
        "--call=outline,format=json warned",
        "--call=targets warned",
        "own",
    ],
)
def test_calls_say_what_the_reference_says(
    pybake: Command, reference: Command, folder: Path, words: str
) -> None:
    expected = reference.at(folder)("bake", *words.split())

    done = pybake.at(folder)("bake", *words.split())

    assert (done.code, done.stdout) == (expected.code, expected.stdout)
