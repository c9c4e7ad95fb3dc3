"""Seeded random programs: what pybake prints against what the reference at hand (buildx 0.29.1) prints, and
what the dialects of one program print against each other.

`PYBAKE_PROGRAMS=2000` runs more of them than the default.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.conformance.judge import ask, deviates, difference, sorted_groups, words
from tests.conformance.programs import Program, program, twins

if TYPE_CHECKING:
    from pathlib import Path

    from tests.commands import Command

COUNT = int(os.environ.get("PYBAKE_PROGRAMS", "250"))
BATCH = 25
BATCHES = pytest.mark.parametrize("first", range(0, COUNT, BATCH))


def batch(first: int) -> range:
    return range(first, min(first + BATCH, COUNT))


@BATCHES
def test_random_programs_mean_the_same(first: int, reference: Command, tmp_path: Path) -> None:
    wrong = []
    for seed in batch(first):
        found = _difference(program(seed), tmp_path / str(seed), reference)
        if bool(found) != deviates(f"program {seed}"):
            wrong.append(f"program {seed}: {found or 'listed in deviations.toml, and has vanished'}")
    assert wrong == []


def _difference(made: Program, folder: Path, reference: Command) -> str:
    _write(folder, made.files)
    answer = reference.at(folder)("bake", "--print", *made.words, **made.environment)
    asked = words(made.words, str(folder), made.environment)
    return difference(ask(asked), answer.code, answer.stdout, answer.stderr)


@BATCHES
def test_a_program_means_the_same_in_every_dialect(first: int, tmp_path: Path) -> None:
    wrong = []
    for seed in batch(first):
        made = program(seed)
        folder = tmp_path / str(seed)
        answers = {name: _alone(made, name, text, folder) for name, text in twins(made).items()}
        hcl = answers.pop("docker-bake.hcl")
        wrong += [f"program {seed}: {name}" for name, answer in answers.items() if answer != hcl]
    assert wrong == []


def _alone(made: Program, name: str, text: str, folder: Path) -> object:
    """What is printed of a file by itself, None when it is refused."""
    _write(folder / name, {name: text, "key": ""})
    asked = words([*made.words, "-f", name], str(folder / name), made.environment)
    return sorted_groups(ask(asked).printed)


def _write(folder: Path, files: dict[str, str]) -> None:
    folder.mkdir(parents=True)
    for name, text in files.items():
        (folder / name).write_text(text)
