"""The door: what is told of a fault of pybake itself."""

from __future__ import annotations

import stat
import sys
import tempfile
from pathlib import Path

import pytest

from bake.cli import main
from bake.errors import ExitCode


class BugError(Exception): ...


@pytest.fixture
def told_bug(monkeypatch: pytest.MonkeyPatch) -> BugError:
    """A fault that no room has foreseen, in a process called with `pybake app`."""
    monkeypatch.setattr(sys, "argv", ["pybake", "app"])
    return BugError("boom")


def report_of(said: str) -> Path:
    return Path(said.split("attach ")[1].strip())


def test_a_bug_is_kept_for_its_reporter_alone(
    told_bug: BugError, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    assert main._report(told_bug) == ExitCode.BUG

    said = capsys.readouterr().err
    assert said.startswith("ERROR: internal error: BugError: boom\n")
    (kept,) = tmp_path.iterdir()
    assert kept == report_of(said)
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert kept.read_text().splitlines()[1] == "pybake app"
    assert kept.read_text().endswith("BugError: boom\n")


def test_where_no_report_can_be_kept_a_bug_is_told_all_the_same(
    told_bug: BugError, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "none"))
    assert main._report(told_bug) == ExitCode.BUG
    assert "set TMPDIR to a folder" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("word", "kept"),
    [
        ("app", "app"),
        ("--progress=plain", "--progress=plain"),
        ("app.args.TOKEN=hunter2", "app.args.TOKEN=…"),
        ("--set=app.args.TOKEN=hunter2", "--set=app.args.TOKEN=…"),
        ("TOKEN=hunter2\nhunter=3", "TOKEN=…"),
        ("https://me:hunter2@host/repo.git#main", "https://…@host/repo.git#main"),
        ("--build-context=a=https://hunter2@host", "--build-context=a=…"),
        ("--url=https://hunter2@host", "--url=https://…@host"),
        ("id=token,env=TOKEN", "id=…"),
        ("caf\udcff", "caf\udcff"),
    ],
)
def test_the_report_of_a_bug_has_no_values_of_the_command_line(word: str, kept: str) -> None:
    assert main._without_value(word) == kept


def test_a_word_that_is_no_text_is_kept_escaped(
    told_bug: BugError, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(sys, "argv", ["pybake", "caf\udcff"])
    assert main._report(told_bug) == ExitCode.BUG
    assert "pybake caf\\udcff" in report_of(capsys.readouterr().err).read_text()
