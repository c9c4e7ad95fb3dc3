"""Codes: every summary of the definition wing has one, and it is the one its table says."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bake.codes import RULES, code_of
from bake.errors import BakeError, DefinitionError, Failure, SolveError, UsageError
from bake.source import Source, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
ROOMS = ("evaluate", "model", "plan")
GENERAL = {"invalid-definition", "usage"}
RAISERS = {"DefinitionError": 0, "fault": 0, "_fault": 0}
"""Functions whose argument of that number is a summary; in `plan`, `fault` has it as its third."""


def summaries() -> Iterator[tuple[str, str]]:
    """Every summary that is written out where a fault of a place is made, with where that is."""
    for room in ROOMS:
        for path in sorted((ROOT / "bake" / room).rglob("*.py")):
            if "compose" in path.parts or path.name == "typeexpr.py":
                continue
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and (found := _summary(node, room)):
                    yield found, f"{path.relative_to(ROOT)}:{node.lineno}"


def _summary(node: ast.Call, room: str) -> str:
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if name not in RAISERS:
        return ""
    at = 2 if room == "plan" and name == "fault" else 0
    argument = node.args[at] if len(node.args) > at else None
    return argument.value if isinstance(argument, ast.Constant) and isinstance(argument.value, str) else ""


@pytest.mark.parametrize(("summary", "place"), sorted(set(summaries())))
def test_every_summary_has_a_code_of_its_kind(summary: str, place: str) -> None:
    fault = DefinitionError(summary, Span(Source("a.hcl", "", "hcl"), 0, 0))
    known = {"invalid-definition"} if place.startswith(PLAN_OF_NODES) else set()
    assert code_of(fault) not in GENERAL - known, f"{summary!r} ({place}) has no row in bake/codes.py"


PLAN_OF_NODES = ("bake/plan/caches.py", "bake/plan/attributes.py", "bake/plan/features.py")
"""What only a builder's answers can refuse."""


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (UsageError("could not find any target matching 'x*'"), "unknown-target"),
        (DefinitionError("failed to find target a\nb", None), "unknown-target"),
        (DefinitionError("Invalid expression", None), "invalid-expression"),
        (DefinitionError("Invalid expression", None, code="variable-cycle"), "variable-cycle"),
        (DefinitionError("anything", None), "invalid-definition"),
        (DefinitionError("anything", Span(Source("c.yaml", "", "compose"), 0, 0)), "invalid-compose"),
        (UsageError("anything"), "usage"),
        (SolveError("failed to solve", failure=Failure.STEP), "build-failed"),
        (BakeError("anything"), "invalid-definition"),
    ],
)
def test_codes(fault: BakeError, code: str) -> None:
    assert code_of(fault) == code


def test_rules_are_told_in_full() -> None:
    for code, rule in RULES.items():
        assert code == rule.code
        assert code.replace("-", "").isalpha()
        assert rule.title
        assert rule.explanation.endswith(".")


def test_every_code_given_by_hand_is_in_the_table() -> None:
    given = {
        keyword.value.value
        for path in (ROOT / "bake").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg == "code"
        and isinstance(keyword.value, ast.Constant)
        and isinstance(keyword.value.value, str)
    }
    assert "variable-cycle" in given
    assert given <= RULES.keys()
