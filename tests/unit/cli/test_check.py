"""`pybake check`, and `--diagnostics` of `pybake bake`, as a user runs them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.commands import Command

CLEAN = 'variable "TAG" { default = "1" }\ntarget "app" { tags = ["app:${TAG}"] }\n'
WARNED = 'variable "TAG" {}\ntarget "app" { tagz = [] }\n'
REFUSED = 'group "default" { targets = ["ap"] }\ntarget "app" {}\n'


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "docker-bake.hcl"


def test_a_clean_file(pybake: Command, file: Path) -> None:
    file.write_text(CLEAN)
    done = pybake("check")
    assert (done.code, done.stdout, done.stderr) == (0, "no faults in 1 target\n", "")


def test_warnings_are_no_failure(pybake: Command, file: Path) -> None:
    file.write_text(WARNED)
    done = pybake("check", "-f", "docker-bake.hcl")
    assert done.code == 0
    assert "docker-bake.hcl:2:16\n" in done.stdout
    assert '[unknown-attribute]\n  Did you mean "tags"?\n' in done.stdout
    assert done.stdout.endswith("\n2 warnings in 1 target\n")


def test_warnings_are_errors_when_strict(pybake: Command, file: Path) -> None:
    file.write_text(WARNED)
    assert pybake("check", "--strict").code == 1


def test_errors_are_a_failure(pybake: Command, file: Path) -> None:
    file.write_text(REFUSED)
    done = pybake("check")
    assert done.code == 1
    assert "[unknown-target]" in done.stdout
    assert done.stderr == ""


def test_options_reach_the_definition(pybake: Command, file: Path, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM a AS one\n")
    file.write_text('variable "STAGE" { default = "one" }\ntarget "app" { target = STAGE }\n')
    assert pybake("check").code == 0
    assert pybake("check", "--var", "STAGE=two").code == 1
    assert pybake("check", "--set", "app.target=two", "app").code == 1
    assert pybake("check", STAGE="two").code == 1


def test_a_template(pybake: Command, tmp_path: Path) -> None:
    (tmp_path / "docker-bake.hcl.j2").write_text('target "a" {\n{% if x %}\n  tagz = []\n{% endif %}\n}\n')
    done = pybake("check", "--define", "x=1", "--diagnostics=github")
    assert "::warning file=docker-bake.hcl.j2,line=3,endLine=3,title=Unsupported argument" in done.stdout
    assert pybake("check").code == 1


def test_standard_input(pybake: Command) -> None:
    assert pybake("check", "-f", "-", stdin=REFUSED).code == 1
    assert pybake("check", "-f", "-", stdin=CLEAN).code == 0


def test_a_document_on_standard_output(pybake: Command, file: Path) -> None:
    file.write_text(REFUSED)
    done = pybake("check", "--diagnostics", "json")
    assert done.code == 1
    assert [one["code"] for one in json.loads(done.stdout)["diagnostics"]] == ["unknown-target"]


def test_no_definition_is_told_in_the_same_form(pybake: Command) -> None:
    done = pybake("check", "--diagnostics=json")
    assert done.code == 1
    assert [one["code"] for one in json.loads(done.stdout)["diagnostics"]] == ["no-definition"]


def test_a_form_that_there_is_not(pybake: Command) -> None:
    done = pybake("check", "--diagnostics=xml")
    assert done.code == 1
    assert "'text', 'json', 'github', 'sarif'" in done.stderr


def test_help_names_it(pybake: Command) -> None:
    assert "check " in pybake("--help").stdout
    assert "--diagnostics" in pybake("check", "--help").stdout
    assert "--diagnostics" in pybake("bake", "--help").stdout


def test_bake_warns_on_standard_error_alone(pybake: Command, file: Path) -> None:
    file.write_text(WARNED)
    done = pybake("bake", "--print", "app")
    assert done.code == 0
    assert json.loads(done.stdout)["target"]["app"] == {"context": ".", "dockerfile": "Dockerfile"}
    assert "[unknown-attribute]" in done.stderr
    assert "[unused-variable]" in done.stderr
    assert pybake("bake", "--print", "--strict", "app").code == 1


def test_bake_tells_warnings_and_errors_in_the_form_asked_for(pybake: Command, file: Path) -> None:
    file.write_text(WARNED)
    done = pybake("bake", "--print", "--diagnostics=json", "app")
    assert json.loads(done.stderr)["warnings"] == 2
    file.write_text(REFUSED)
    done = pybake("--print", "--diagnostics=json")
    assert done.code == 1
    assert done.stdout == ""
    assert [one["code"] for one in json.loads(done.stderr)["diagnostics"]] == ["unknown-target"]
    done = pybake("--print", "--diagnostics=github")
    assert done.stderr.startswith("::error file=docker-bake.hcl,line=1,")


def test_bake_tells_what_no_file_is_about_in_the_same_form(pybake: Command, file: Path) -> None:
    file.write_text(CLEAN)
    done = pybake("--print", "--diagnostics=json", "--set", "x", "app")
    (found,) = json.loads(done.stderr)["diagnostics"]
    assert found["code"] == "usage"
    assert "range" not in found
