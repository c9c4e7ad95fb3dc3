"""Consent, where it can be held against the reference: what is wanted of paths that exist."""

from __future__ import annotations

import os
import pty
import subprocess
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.commands import Command

DEFINITION = """\
target "default" {
  context = "../other"
  secret = ["id=word,src=../other/word"]
  output = ["type=local,dest=../out"]
}
target "host" {
  network = "host"
  output = ["type=local,dest=out"]
}
target "insecure" { entitlements = ["security.insecure"] }
target "cache" {
  cache-to = ["type=local,dest=../out"]
  cache-from = ["type=local,src=../out"]
}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The working directory, beside the folders `other` (a context) and `out`."""
    for name in ("other", "here"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "Dockerfile").write_text("FROM scratch\nCOPY word /\n")
        (tmp_path / name / "word").write_text(name)
    (tmp_path / "out").mkdir()
    (tmp_path / "here" / "docker-bake.hcl").write_text(DEFINITION)
    return tmp_path / "here"


def asked_for(text: str) -> list[str]:
    """What was listed, and the flags that grant it."""
    return [line for line in text.splitlines() if line.startswith((" - ", "Pass "))]


@pytest.mark.parametrize(
    "words", ["default", "host", "insecure", "cache", "cache --set=cache.context=../other"]
)
def test_what_the_reference_refuses_is_refused_in_its_words(
    pybake: Command, reference: Command, folder: Path, words: str
) -> None:
    expected = reference.at(folder)("bake", *words.split())

    done = pybake.at(folder)("bake", *words.split())

    assert (done.code, expected.code) == (1, 1)
    assert asked_for(done.stderr) == asked_for(expected.stderr) != []
    assert done.stderr.endswith("ERROR: additional privileges requested\n")


@pytest.mark.parametrize(
    "words",
    [
        ("--allow=fs.read=../other", "--allow=fs.write=../out"),
        ("--allow=fs=*",),
        ("--allow=fs=..", "--progress=plain"),
        ("--allow=fs.read=../other", "--set=default.output=type=local,dest=../out"),
    ],
)
def test_what_is_granted_is_built(pybake: Command, folder: Path, words: tuple[str, ...]) -> None:
    pybake.at(folder)("bake", *words).ok()

    assert (folder.parent / "out" / "word").read_text() == "other"


def test_checks_of_files_can_be_switched_off(pybake: Command, folder: Path) -> None:
    pybake.at(folder)("bake", BUILDX_BAKE_ENTITLEMENTS_FS="0").ok()

    assert (folder.parent / "out" / "word").read_text() == "other"


@pytest.mark.parametrize(("answer", "built"), [("y", True), ("n", False)])
def test_a_person_is_asked(pybake: Command, folder: Path, answer: str, built: bool) -> None:
    ours, theirs = pty.openpty()
    try:
        os.write(ours, f"{answer}\n".encode())
        done = subprocess.run(
            [*pybake.words, "bake"],
            stdin=theirs,
            capture_output=True,
            text=True,
            cwd=folder,
            env=dict(pybake.environment),
            check=False,
            timeout=240,
        )
    finally:
        os.close(ours)
        os.close(theirs)

    assert "Do you want to grant requested privileges and continue? [y/N] " in done.stderr
    assert (done.returncode == 0) == built
    assert (folder.parent / "out" / "word").exists() == built
