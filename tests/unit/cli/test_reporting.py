"""`--report`'s values."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bake.cli.reporting import Wanted, wanted
from bake.errors import UsageError
from bake.host import Host

if TYPE_CHECKING:
    from pathlib import Path

    from tests.commands import Command


def test_the_name_says_the_form() -> None:
    found = wanted(["a.html", "b.JSON", "c.xml", "d.md"], Host())

    assert [(one.form, one.path) for one in found] == [
        ("page", "a.html"),
        ("json", "b.JSON"),
        ("junit", "c.xml"),
        ("markdown", "d.md"),
    ]


def test_github_means_the_summary_of_its_step() -> None:
    host = Host(environment={"GITHUB_STEP_SUMMARY": "/s"})

    assert wanted(["github"], host) == (Wanted("markdown", "/s", append=True),)
    with pytest.raises(UsageError, match="GitHub's runners only"):
        wanted(["github"], Host())


def test_a_form_that_nobody_knows_is_refused_before_anything_is_built(
    pybake: Command, tmp_path: Path
) -> None:
    (tmp_path / "docker-bake.hcl").write_text('target "default" {}\n')

    answer = pybake("--report=build.pdf")

    assert answer.code == 1
    assert (
        "invalid report build.pdf; expected a file ending in .html, .json, .xml, .md, or github"
        in answer.stderr
    )
    assert "--report build.html" in answer.stderr
