"""What is said of a file that COPY did not find, from a look at the context."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from bake.api.missing import OUTSIDE, explain
from bake.errors import Failure, SolveError, SourceExcerpt
from bake.solve import InlineTree, LocalTree, Solve

if TYPE_CHECKING:
    from pathlib import Path

BEFORE = "is it there?"


def hint(context: Path, path: str, instruction: str = "COPY x /", dockerfile: Any = None) -> str | None:
    error = SolveError(
        "A step failed",
        failure=Failure.STEP,
        detail=f'failed to compute cache key: failed to calculate checksum of ref a::b: "/{path}": not found',
        hint=BEFORE,
        sources=[SourceExcerpt("Dockerfile", f"FROM scratch\n{instruction}\n", [(2, 2)])],
    )
    solve = Solve(
        target="app", locals={"context": LocalTree(str(context)), "dockerfile": dockerfile or InlineTree({})}
    )
    outcome, plan = SimpleNamespace(errors={"app": error}), SimpleNamespace(solves={1: solve})
    explain(cast("Any", outcome), cast("Any", plan))
    return error.hint


@pytest.fixture
def context(tmp_path: Path) -> Path:
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist/app").touch()
    return tmp_path


@pytest.mark.parametrize(
    ("ignore", "line", "pattern"),
    [
        ("dist\n", 1, "dist"),
        ("# what is built\n\n/dist/\n", 3, "dist"),
        ("**\n!src\n", 1, "**"),
        ("!dist\n*/app\n", 2, "*/app"),
    ],
)
def test_the_line_that_leaves_it_out_is_named(context: Path, ignore: str, line: int, pattern: str) -> None:
    (context / ".dockerignore").write_text(ignore)

    assert hint(context, "dist/app") == (
        f"`dist/app` is there, but .dockerignore leaves it out: line {line}, `{pattern}`"
    )


def test_the_dockerfiles_own_patterns_count_first(context: Path) -> None:
    (context / ".dockerignore").write_text("other\n")
    (context / "Dockerfile.dockerignore").write_text("dist\n")

    found = hint(context, "dist/app", dockerfile=LocalTree(str(context)))

    assert found == "`dist/app` is there, but Dockerfile.dockerignore leaves it out: line 1, `dist`"


def test_the_nearest_name_is_told(context: Path) -> None:
    assert hint(context, "dits/app") == f"there is no `dits` in the context ({context}); did you mean `dist`?"
    assert hint(context, "dist/ap") == (
        f"there is no `ap` in dist ({context / 'dist'}); did you mean `dist/app`?"
    )
    assert hint(context, "zzz") == f"there is no `zzz` in the context ({context})"


@pytest.mark.parametrize(
    ("there", "expected"),
    [
        ("Dockerfile", "there is no `Dockerfile.app` in {}; did you mean `Dockerfile`?"),
        ("src", "there is no `Dockerfile.app` in {}; `dockerfile` says which one to take"),
        ("Dockerfile.app", BEFORE),
    ],
)
def test_what_is_said_of_a_dockerfile(tmp_path: Path, there: str, expected: str) -> None:
    (tmp_path / there).touch()
    error = SolveError(
        "BuildKit refused the build",
        failure=Failure.DEFINITION,
        detail="failed to read dockerfile: open Dockerfile.app: no such file or directory",
        hint=BEFORE,
    )
    solve = Solve(target="app", locals={"dockerfile": LocalTree(str(tmp_path))})
    outcome, plan = SimpleNamespace(errors={"app": error}), SimpleNamespace(solves={1: solve})
    explain(cast("Any", outcome), cast("Any", plan))

    assert error.hint == expected.format(tmp_path)


def test_two_dots_do_not_lead_out_of_the_context(context: Path) -> None:
    assert hint(context, "shared/x", "COPY ../shared/x /") == OUTSIDE


def test_nothing_is_said_of_other_places(context: Path) -> None:
    assert hint(context, "gone", "COPY --from=base x /") == BEFORE
    assert hint(context, "gone", "RUN --mount=type=bind,from=base,target=/x cat /x") == BEFORE
    (context / ".dockerignore").write_text("other\n")
    assert hint(context, "dist/app") == BEFORE
    (context / ".dockerignore").write_text("[\n")
    assert hint(context, "dist/app") == BEFORE
