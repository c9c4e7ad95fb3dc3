from __future__ import annotations

from typing import Any

import pytest

from bake.evaluate.types import DYNAMIC, NUMBER, STRING, List, Map
from bake.evaluate.values import ANY_UNKNOWN, UNKNOWN, list_of, map_of, object_of, string, whole
from tests.fakes.evaluating import evaluated, faults, plain, value

NAMES = {
    "objects": list_of(STRING, []),
    "l": list_of(STRING, [string("a")]),
    "m": map_of(NUMBER, {"a": whole(1)}),
    "o": object_of({"a": string("x")}),
}


@pytest.mark.parametrize(
    ("text", "wanted", "wanted_type"),
    [
        ("true ? 1 : 2", 1, NUMBER),
        ("false ? 1 : 2", 2, NUMBER),
        ('true ? 1 : "a"', "1", STRING),
        ('"true" ? 1 : 2', 1, NUMBER),
        ("true ? null : 2", None, NUMBER),
        ("false ? null : 2", 2, NUMBER),
        ("true ? 1 : null", 1, NUMBER),
        ("true ? null : null", None, DYNAMIC),
        ("true ? [1] : [1, 2]", [1], List(NUMBER)),
        ('true ? [1] : ["a", "b"]', ["1"], List(STRING)),
        ("true ? l : []", ["a"], List(STRING)),
        ("false ? l : []", [], List(STRING)),
        ("true ? m : { b = 2, c = 3 }", {"a": 1}, Map(NUMBER)),
        ("true ? { a = 1 } : { b = 2 }", {"a": 1}, Map(NUMBER)),
    ],
)
def test_values(text: str, wanted: Any, wanted_type: Any) -> None:
    found = value(text, **NAMES)
    assert (plain(found), found.type) == (wanted, wanted_type)


def test_the_branch_that_is_not_taken_cannot_fail() -> None:
    assert plain(value("true ? 1 : nope")) == 1
    assert plain(value("false ? nope : 1")) == 1


def test_its_type_counts_all_the_same() -> None:
    assert value('true ? 1 : "a${nope}"').raw == "1"


INCONSISTENT = (
    "Inconsistent conditional result types; The true and false result expressions must have consistent types."
)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("true ? nope : 1", 'f.hcl:1,12-16: Unknown variable; There is no variable named "nope".'),
        (
            "null ? 1 : 2",
            "f.hcl:1,5-9: Null condition; The condition value is null. Conditions must either be true or "
            "false.",
        ),
        (
            "1 ? 1 : 2",
            "f.hcl:1,5-6: Incorrect condition type; The condition expression must be of type bool.",
        ),
        (
            "true ? 1 : []",
            f"f.hcl:1,12-18: {INCONSISTENT} The 'true' value is number, but the 'false' value is tuple.",
        ),
        (
            "true ? { a = 1 } : { b = [] }",
            f"f.hcl:1,12-34: {INCONSISTENT} The 'true' value includes object attribute \"a\", which is "
            f"absent in the "
            "'false' value.",
        ),
        (
            "true ? { a = 1 } : { a = 1, b = [] }",
            f"f.hcl:1,12-41: {INCONSISTENT} The 'false' value includes object attribute \"b\", which is "
            f"absent in the "
            "'true' value.",
        ),
        (
            "true ? { a = 1 } : { a = [] }",
            f"f.hcl:1,12-34: {INCONSISTENT} Type mismatch for object attribute \"a\": The 'true' value is "
            f"number, but "
            "the 'false' value is tuple.",
        ),
        (
            "true ? [1] : [1, []]",
            f"f.hcl:1,12-25: {INCONSISTENT} The 'true' tuple has length 1, but the 'false' tuple has "
            f"length 2.",
        ),
        (
            "true ? [1] : [[]]",
            f"f.hcl:1,12-22: {INCONSISTENT} Type mismatch for tuple element 0: The 'true' value is number, "
            f"but the "
            "'false' value is tuple.",
        ),
    ],
)
def test_faults(text: str, wanted: str) -> None:
    assert faults(text, **NAMES) == [wanted]


def test_an_unknown_condition_gives_an_unknown_value_of_the_common_type() -> None:
    found, told = evaluated('u ? 1 : "a"', u=ANY_UNKNOWN)
    assert (found.type, found.raw, told) == (STRING, UNKNOWN, [])
