"""Seeded random programs: what pybake prints against what the reference at hand (buildx 0.29.1) prints.

`PYBAKE_PROGRAMS=2000` runs more of them than the default.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.conformance.judge import Asked, ask, difference
from tests.conformance.programs import Program, program

if TYPE_CHECKING:
    from pathlib import Path

    from tests.commands import Command

COUNT = int(os.environ.get("PYBAKE_PROGRAMS", "300"))
BATCH = 25


@pytest.mark.parametrize("first", range(0, COUNT, BATCH))
def test_random_programs_mean_the_same(first: int, reference: Command, tmp_path: Path) -> None:
    wrong = []
    for seed in range(first, min(first + BATCH, COUNT)):
        folder = tmp_path / str(seed)
        if found := _difference(program(seed), folder, reference):
            wrong.append(f"program {seed}: {found}")
    assert wrong == []


def _difference(made: Program, folder: Path, reference: Command) -> str:
    folder.mkdir()
    for name, text in made.files.items():
        (folder / name).write_text(text)
    words = [word for text in made.overrides for word in ("--set", text)]
    answer = reference.at(folder)("bake", "--print", *words, **made.environment)
    asked = Asked(str(folder), overrides=tuple(made.overrides), environment=made.environment)
    return difference(ask(asked), answer.code, answer.stdout, answer.stderr)
