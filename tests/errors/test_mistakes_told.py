"""What is told of mistakes, word for word, where no engine is needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.errors.golden import CASES, OWN, Case, cases, judge, told

if TYPE_CHECKING:
    from tests.commands import Command

FOUND = cases(engine=False)


@pytest.mark.parametrize("case", FOUND.values(), ids=FOUND)
def test_a_mistake_is_told_with_the_next_step(
    case: Case, pybake: Command, pytestconfig: pytest.Config
) -> None:
    judge(case, told(case, pybake, {}), rewrite=pytestconfig.getoption("--rewrite-errors"))


def test_every_folder_is_a_case() -> None:
    assert [path.name for path in CASES.iterdir() if not all((path / own).is_file() for own in OWN)] == []
