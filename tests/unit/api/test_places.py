"""The paths of Dockerfiles in what is told of failures."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from bake.api.places import explain
from bake.errors import Failure, SolveError, SourceExcerpt
from bake.host import Host
from bake.solve import InlineTree, LocalTree, Solve


@pytest.mark.parametrize(
    ("tree", "attrs", "expected"),
    [
        (LocalTree("/here/web"), {}, "web/Dockerfile"),
        (LocalTree("/here"), {}, "Dockerfile"),
        (LocalTree("/other"), {"filename": "Dockerfile"}, "../other/Dockerfile"),
        (LocalTree("/here/web"), {"filename": "app.Dockerfile"}, "Dockerfile"),
        (InlineTree({}), {}, "Dockerfile"),
    ],
)
def test_a_dockerfile_has_its_path(
    tree: LocalTree | InlineTree, attrs: dict[str, str], expected: str
) -> None:
    excerpt = SourceExcerpt("Dockerfile", "FROM scratch\n", [(1, 1)])
    error = SolveError("It broke", failure=Failure.STEP, sources=[excerpt])
    solve = Solve(target="app", attrs=attrs, locals={"dockerfile": tree})
    outcome, plan = SimpleNamespace(errors={"app": error}), SimpleNamespace(solves={1: solve})

    explain(cast("Any", outcome), cast("Any", plan), Host(working_directory="/here"))

    assert [(one.filename, one.text, one.ranges) for one in error.sources] == [
        (expected, excerpt.text, excerpt.ranges)
    ]
