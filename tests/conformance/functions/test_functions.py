"""Every built-in function and operator against what the reference answered, faults and their places too.

The answers are recorded; where the reference itself is at hand, a few of them are asked again. Wanted
differences stand in differences.toml, each with its reason.
"""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Any

import pytest

from bake.evaluate import expressions, functions
from bake.evaluate.frame import Scope
from bake.evaluate.functions.encoding import json_text
from bake.evaluate.functions.function import FunctionError
from bake.evaluate.values import tuple_of
from tests.conformance.functions.calls import FOLDER, cases
from tests.conformance.functions.recorded import ANSWERS, World
from tests.fakes.evaluating import expression
from tools.record_functions import ask

if TYPE_CHECKING:
    from bake.errors import BakeError

DIFFERENCES: dict[str, dict[str, Any]] = tomllib.loads(
    (FOLDER / "differences.toml").read_text(encoding="utf-8")
)
NEWER = {"formattimestamp", "semvercmp", "unixtimestampparse"}
"""Functions that Debian's build of the reference does not know; unit tests judge them."""
PANIC = "panic in function implementation: "
ANY_TYPE = re.compile(r" of dynamic required, but have [a-z ]+(?=\.)")
BUT_HAVE = re.compile(r"(?<= required), but have [a-z ]+(?=\.)")
CASES = cases()


def answer(text: str) -> dict[str, str]:
    """What pybake says, in the form of the recordings."""
    faults: list[BakeError] = []
    found = expressions.evaluate(expression(text), expressions.frame(Scope({}), World(), faults))
    if faults:
        return {"error": str(faults[0])}
    try:
        return {"value": json_text(tuple_of([found]))}
    except FunctionError as error:
        return {
            "error": f'f.hcl:4,9-20: Error in function call; Call to function "jsonencode" failed: {error}.'
        }


@pytest.mark.parametrize("name", CASES)
def test_function(name: str) -> None:
    differing = {}
    for text in CASES[name]:
        wanted: dict[str, str] = DIFFERENCES[text]["pybake"] if text in DIFFERENCES else ANSWERS[text]
        found = answer(text)
        if not _same(found, wanted):
            differing[text] = {"found": found, "wanted": wanted}
    assert differing == {}


def _same(found: dict[str, str], wanted: dict[str, str]) -> bool:
    place, panic, _ = wanted.get("error", "").partition(PANIC)
    if panic:
        # the reference dies inside its function: the same call has to be refused here, in better words
        return found.get("error", "").startswith(place)
    return wanted in (found, _older(found))


def _older(answer: dict[str, str]) -> dict[str, str]:
    """As cty said it before 1.17, which Debian's build of the reference still has."""
    return {
        kind: BUT_HAVE.sub("", ANY_TYPE.sub(" of any single type required", text))
        for kind, text in answer.items()
    }


def test_every_function_has_cases() -> None:
    assert set(functions.names()) - NEWER == CASES.keys() - {"operators"}


def test_every_difference_is_one() -> None:
    for text, described in DIFFERENCES.items():
        assert described["reason"]
        assert not _same(described["pybake"], ANSWERS[text])


@pytest.mark.parametrize("name", CASES)
def test_recording_is_what_the_reference_says(buildx: str, name: str) -> None:
    text = CASES[name][0]
    assert ask(buildx, text) == ANSWERS[text]
