"""The examples of docs/functions.md: one for each function, and with the value that the reference gave."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from bake.evaluate import expressions, functions
from bake.evaluate.frame import Scope
from bake.evaluate.functions.encoding import json_text
from tests.conformance.functions.recorded import ANSWERS, World
from tests.fakes.evaluating import expression

TOPICS = tomllib.loads((Path(__file__).parents[3] / "tools/functions.toml").read_text())
ROWS = {name: row for rows in TOPICS.values() for name, row in rows.items()}


def test_every_function_is_described_once() -> None:
    assert sorted(name for rows in TOPICS.values() for name in rows) == sorted(functions.names())


@pytest.mark.parametrize("name", ROWS)
def test_an_example_gives_what_stands_beside_it(name: str) -> None:
    example, value = ROWS[name]["example"], ROWS[name]["value"]
    faults: list[Exception] = []

    found = expressions.evaluate(expression(example), expressions.frame(Scope({}), World(), faults))  # type: ignore[arg-type]

    assert (faults, json_text(found)) == ([], value)
    assert f"{name}(" in example


@pytest.mark.parametrize("name", [name for name, row in ROWS.items() if row["example"] in ANSWERS])
def test_the_reference_said_the_same(name: str) -> None:
    assert ANSWERS[ROWS[name]["example"]] == {"value": f"[{ROWS[name]['value']}]"}
