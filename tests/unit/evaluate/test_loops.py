from __future__ import annotations

from typing import Any

import pytest

from bake.evaluate.types import BOOL, NUMBER, STRING, List, Object, Tuple
from bake.evaluate.values import ANY_UNKNOWN, UNKNOWN, list_of, null, object_of, set_of, string, whole
from tests.fakes.evaluating import evaluated, faults, plain, value

NAMES = {
    "l": list_of(NUMBER, [whole(1), whole(2), whole(3)]),
    "set": set_of(STRING, [string("b"), string("a")]),
    "o": object_of({"b": string("B"), "a": string("A")}),
    "none": null(STRING),
    "nothing": null(List(STRING)),
    "empty": list_of(Object({"n": BOOL}), []),
    "objects": list_of(Object({"n": NUMBER}), [object_of({"n": whole(7)}), object_of({"n": whole(8)})]),
    "s": string("alone"),
}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("[for v in l : v * 2]", [2, 4, 6]),
        ("[for i, v in l : i]", [0, 1, 2]),
        ("[for v in l : v if v != 2]", [1, 3]),
        ("[for v in [] : v]", []),
        ('[for k, v in o : "${k}${v}"]', ["aA", "bB"]),
        ("[for k, v in set : k == v]", [True, True]),
        ("{ for v in set : v => upper(v) }", {"a": "A", "b": "B"}),
        ('{ for v in l : v % 2 == 0 ? "even" : "odd" => v... }', {"even": [2], "odd": [1, 3]}),
        ("{ for v in l : v => v if v > 2 }", {"3": 3}),
        ("[for v in l : [for w in [v] : w + v]]", [[2], [4], [6]]),
        ("[for v in l : v if null == v]", []),
        ("objects[*].n", [7, 8]),
        ("objects.*.n", [7, 8]),
        ("[{ a = [1] }, { a = [2] }][*].a[0]", [1, 2]),
        ("[{ a = [{ b = 1 }] }][*].a[*].b", [[1]]),
        ("s[*]", ["alone"]),
        ("none[*]", []),
        ("[][*]", []),
        ("set[*]", ["a", "b"]),
        ("empty[*].n", []),
    ],
)
def test_values(text: str, wanted: Any) -> None:
    assert plain(value(text, **NAMES)) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("[for v in l : v]", Tuple((NUMBER,) * 3)),
        ("objects[*].n", List(NUMBER)),
        ("empty[*].n", List(BOOL)),
        ("set[*]", List(STRING)),
        ("[1][*]", Tuple((NUMBER,))),
        ("s[*]", Tuple((STRING,))),
    ],
)
def test_types(text: str, wanted: Any) -> None:
    assert value(text, **NAMES).type == wanted


NULL_ROUND = "Iteration over null value; A null value cannot be used as the collection in a 'for' expression."
IF_NULL = "The value of the 'if' clause must not be null."


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("[for v in none : v]", f"f.hcl:1,15-19: {NULL_ROUND}"),
        (
            "[for v in s : v]",
            "f.hcl:1,15-16: Iteration over non-iterable value; A value of type string cannot be used as the "
            "collection in a 'for' expression.",
        ),
        ("[for v in l : v if null]", f"f.hcl:1,24-28: Condition is null; {IF_NULL}"),
        (
            "[for v in l : v if []]",
            "f.hcl:1,24-26: Invalid 'for' condition; The 'if' clause value is invalid: bool required, but "
            "have tuple.",
        ),
        ("[for v in [null, null] : 1 if v]", f"f.hcl:1,35-36: Invalid 'for' condition; {IF_NULL}"),
        (
            "[for v in l : 1 if v == 1 ? 1 : v]",
            "f.hcl:1,24-38: Invalid 'for' condition; The 'if' clause value is invalid: "
            "bool required, but have number.",
        ),
        ("[for v in l : 1 if nope]", 'f.hcl:1,24-28: Unknown variable; There is no variable named "nope".'),
        (
            "{ for v in [null] : v => 1 }",
            "f.hcl:1,25-26: Invalid object key; Key expression in 'for' expression must not produce a null "
            "value.",
        ),
        (
            "{ for v in [[]] : v => 1 }",
            "f.hcl:1,23-24: Invalid object key; The key expression produced an invalid result: "
            "string required, but have tuple.",
        ),
        (
            '{ for v in [1, 2] : "k" => v }',
            "f.hcl:1,25-28: Duplicate object key; Two different items produced the key \"k\" in this 'for' "
            "expression. "
            "If duplicates are expected, use the ellipsis (...) after the value expression to enable "
            "grouping by key.",
        ),
        (
            "nothing[*]",
            "f.hcl:1,5-12: Splat of null value; Splat expressions (with the * symbol) cannot be applied to "
            "null "
            "sequences.",
        ),
        (
            "objects[*].x",
            'f.hcl:1,15-17: Unsupported attribute; This object does not have an attribute named "x".',
        ),
    ],
)
def test_faults(text: str, wanted: str) -> None:
    assert faults(text, **NAMES)[:1] == [wanted]


def test_a_condition_that_is_wrong_for_all_elements_is_told_once() -> None:
    assert len(faults("[for v in l : v if nope]", **NAMES)) == 1


def test_unknown_collections_and_keys_give_unknown_results() -> None:
    for text in ("[for v in u : v]", "{ for v in [u] : v => 1 }", "[for v in [1] : v if u]", "u[*]"):
        found, told = evaluated(text, u=ANY_UNKNOWN)
        assert (found.raw, told) == (UNKNOWN, []), text
