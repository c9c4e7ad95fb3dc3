"""`pybake fmt` as a person runs it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.commands import Command

UGLY = 'target "a" {\n context="."\n}\n'
FINE = 'target "a" {\n  context = "."\n}\n'


@pytest.fixture
def fmt(tmp_path: Path) -> Command:
    return Command([str(Path(sys.executable).parent / "pybake"), "fmt"], {"HOME": str(tmp_path)}, tmp_path)


def test_it_writes_what_changes_and_names_it(fmt: Command) -> None:
    (fmt.folder / "docker-bake.hcl").write_text(UGLY)
    (fmt.folder / "docker-bake.override.hcl").write_text(FINE)
    assert fmt().ok().stdout == "docker-bake.hcl\n"
    assert (fmt.folder / "docker-bake.hcl").read_text() == FINE
    assert fmt().ok().stdout == ""


def test_check_and_diff_change_nothing(fmt: Command) -> None:
    file = fmt.folder / "x.hcl"
    file.write_text(UGLY)
    checked = fmt("--check", "x.hcl")
    assert (checked.code, checked.stdout) == (1, "x.hcl\n")
    assert '- context="."' in fmt("--diff", ".", "x.hcl").ok().stdout
    assert '+  context = "."' in fmt("--diff", "x.hcl").ok().stdout
    assert file.read_text() == UGLY


def test_standard_input(fmt: Command) -> None:
    assert fmt("-", stdin=UGLY).ok().stdout == FINE


def test_faults_of_all_files_and_the_good_ones_formatted(fmt: Command) -> None:
    (fmt.folder / "bad.hcl").write_text("a = [\n")
    (fmt.folder / "good.hcl").write_text(UGLY)
    (fmt.folder / "bake.json").write_text("{}")
    done = fmt("bad.hcl", "missing.hcl", "bake.json", "good.hcl")
    assert (done.code, done.stdout) == (1, "good.hcl\n")
    assert "bad.hcl:2" in done.stderr
    assert "open missing.hcl: no such file or directory" in done.stderr
    assert "`bake.json` cannot be formatted; it is json" in done.stderr
    assert (fmt.folder / "good.hcl").read_text() == FINE
    assert (fmt.folder / "bad.hcl").read_text() == "a = [\n"


def test_nothing_to_format(fmt: Command) -> None:
    done = fmt()
    assert done.code == 1
    assert "no HCL bake file to format" in done.stderr
    assert "pybake fmt FILE" in done.stderr
