"""Builds that cannot work: what a person reads, and the exit code, held against the reference's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.engine.bakefile import ROOT, define, word

if TYPE_CHECKING:
    from pathlib import Path

    from tests.commands import Command

FAULTS: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "an unknown instruction": (
        {"dockerfile": "FROM scratch\nBLA foo\n"},
        ("Dockerfile:2\n", "   2 | >>> BLA foo\n", "unknown instruction: BLA"),
    ),
    "a Dockerfile that is not there": (
        {"dockerfile": "Nope"},
        ("open Nope: no such file or directory", "`dockerfile`"),
    ),
    "a file that is not there": (
        {"dockerfile": "FROM scratch\nCOPY nope /\n"},
        (
            "Dockerfile:2\n",
            "   2 | >>> COPY nope /\n",
            '"/nope": not found',
            "there is no `nope` in the context",
        ),
    ),
    "a file that is ignored": (
        {"context": "ignoring", "dockerfile": "FROM scratch\nCOPY hidden /\n"},
        (
            "Dockerfile:2\n",
            "   2 | >>> COPY hidden /\n",
            '"/hidden": not found',
            ".dockerignore leaves it out",
        ),
    ),
    "an unknown stage": (
        {"target": "nostage"},
        ('target stage "nostage" could not be found', "--call=targets"),
    ),
    "an unknown exporter": (
        {"output": ["type=nope"]},
        ("docker-bake.json:", ">>>", "`nope` is not one of", "local, oci, registry, tar"),
    ),
    "a context that is not there": (
        {"context": "nowhere"},
        ("docker-bake.json:", ">>>", "`nowhere`", "does not exist"),
    ),
}
"""Fields of a target that cannot be built, and what has to be said of it."""


@pytest.fixture
def ignoring(project: Path) -> Path:
    """A context that ignores one of its files."""
    folder = project / "ignoring"
    folder.mkdir()
    (folder / "hidden").write_text("")
    (folder / ".dockerignore").write_text("hidden\n")
    return folder


@pytest.mark.usefixtures("ignoring")
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_told_with_its_place_and_a_next_step(
    project: Path, pybake: Command, reference: Command, fault: str
) -> None:
    fields, told = FAULTS[fault]
    define(project, app=fields)

    ours, theirs = pybake("app"), reference("bake", "app")

    assert ours.code == theirs.code == 1
    said = "".join(line for line in ours.stderr.splitlines(keepends=True) if not line.startswith("#"))
    assert [text for text in told if text not in said] == []
    assert "Traceback" not in ours.stderr
    assert "internal error" not in ours.stderr
    assert ours.stdout == ""


def last_words(text: str) -> list[str]:
    """From the failed step's repeated output on, with no times: what is left on the screen."""
    lines = text[text.index("------\n > ") :].splitlines()
    return [line.partition(" ")[2] if line[:1].isdigit() else line for line in lines if line]


def test_a_failing_step_shows_what_the_reference_shows(
    project: Path, pybake: Command, reference: Command
) -> None:
    define(project, app={"dockerfile": f"{ROOT}RUN echo {word()}; \\\n  exit 7\nRUN true\n"})

    ours, theirs = (command("--progress=plain", "app") for command in (pybake, with_bake(reference)))

    assert ours.code == theirs.code == 1
    mine, original = last_words(ours.stderr), last_words(theirs.stderr)
    assert mine[:-1] == original[:-1]
    assert "exit code: 7" in mine[-1]
    assert any(line.endswith(">>>   exit 7") for line in mine)


def with_bake(reference: Command) -> Command:
    """The reference's `bake` as a command of its own."""
    return reference.runs(*reference.words, "bake")


def test_a_target_that_fails_among_others_is_named(
    project: Path, pybake: Command, reference: Command
) -> None:
    define(
        project,
        {"default": ["bad", "fine"]},
        bad={"dockerfile": "FROM scratch\nCOPY nope /\n"},
        fine={"output": ["type=cacheonly"]},
    )

    ours, theirs = pybake(), reference("bake")

    assert ours.code == theirs.code == 1
    (error,) = (line for line in ours.stderr.splitlines() if line.startswith("ERROR: "))
    assert "target `bad`" in error
    assert "target bad" in theirs.stderr


def test_what_builds_on_a_failure_is_skipped(project: Path, pybake: Command) -> None:
    define(
        project,
        base={"dockerfile": f"{ROOT}RUN exit 3\n"},
        app={"contexts": {"parent": "target:base"}, "dockerfile": "FROM parent\n", "output": ["out"]},
    )

    told = pybake("app", "--progress=plain")

    assert told.code == 1
    assert "exit code: 3" in told.stderr
    assert not (project / "out").exists()
