from __future__ import annotations

from typing import Any

import pytest

from bake.evaluate import expressions
from bake.evaluate.types import BOOL, DYNAMIC, NUMBER, STRING, Object, Tuple
from bake.evaluate.values import (
    ANY_UNKNOWN,
    NULL,
    UNKNOWN,
    Value,
    list_of,
    map_of,
    null,
    object_of,
    set_of,
    string,
)
from tests.fakes.evaluating import evaluated, expression, faults, plain, value

NAMES = {
    "s": string("text"),
    "o": object_of({"a": string("A"), "b": object_of({"c": string("C")})}),
    "l": list_of(STRING, [string("x"), string("y")]),
    "m": map_of(STRING, {"k": string("v")}),
    "set": set_of(STRING, [string("e")]),
    "none": null(STRING),
    "objects": list_of(Object({"a": STRING}), [object_of({"a": string("1")})]),
}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("1", 1),
        ("1.5", 1.5),
        ("true", True),
        ("null", None),
        ('"a"', "a"),
        ('""', ""),
        ("(1)", 1),
        ("[]", []),
        ('[1, "a", null]', [1, "a", None]),
        ("{}", {}),
        ('{ b = 1, a = "x" }', {"a": "x", "b": 1}),
        ('{ "k-1" = 1, (s) = 2, 3 = 4 }', {"k-1": 1, "text": 2, "3": 4}),
        ("{ a = 1, a = 2 }", {"a": 2}),
        ("1 + 2 * 3 - 4 / 2 % 3", 5),
        ("(1 + 2) * 3", 9),
        ("-3", -3),
        ("!true", False),
        ('"1" + "2"', 3),
        ("1 < 2", True),
        ("2 <= 2", True),
        ("1 > 2", False),
        ("2 >= 3", False),
        ("1 == 1", True),
        ('1 == "1"', False),
        ('1 != "1"', True),
        ("true && false", False),
        ("false || true", True),
        ('"true" && true', True),
        ("s", "text"),
        ("o.a", "A"),
        ("o.b.c", "C"),
        ('o["a"]', "A"),
        ('o.b["c"]', "C"),
        ("l[0]", "x"),
        ("l.1", "y"),
        ('l["1"]', "y"),
        ("m.k", "v"),
        ('m["k"]', "v"),
        ("l[0 + 1]", "y"),
        ("{ a = [1, 2] }.a[1]", 2),
        ("[[1], [2]][1][0]", 2),
    ],
)
def test_values(text: str, wanted: Any) -> None:
    assert plain(value(text, **NAMES)) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ('"${1}"', NUMBER),
        ('"${1}${2}"', STRING),
        ("null", DYNAMIC),
        ("[1, true]", Tuple((NUMBER, BOOL))),
        ("{ a = 1 }", Object({"a": NUMBER})),
    ],
)
def test_types(text: str, wanted: Any) -> None:
    assert value(text).type == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("nope", 'f.hcl:1,5-9: Unknown variable; There is no variable named "nope".'),
        (
            "s.a",
            "f.hcl:1,6-8: Unsupported attribute; Can't access attributes on a primitive-typed value "
            "(string).",
        ),
        ("o.x", 'f.hcl:1,6-8: Unsupported attribute; This object does not have an attribute named "x".'),
        ("m.x", 'f.hcl:1,6-8: Missing map element; This map does not have an element with the key "x".'),
        (
            "none.a",
            "f.hcl:1,9-11: Attempt to get attribute from null value; "
            "This value is null, so it does not have any attributes.",
        ),
        (
            "none[0]",
            "f.hcl:1,9-12: Attempt to index null value; This value is null, so it does not have any indices.",
        ),
        ("l[none]", "f.hcl:1,6-12: Invalid index; Can't use a null value as an indexing key."),
        (
            "l[7]",
            "f.hcl:1,6-9: Invalid index; The given key does not identify an element in this collection "
            "value.",
        ),
        (
            "l[2]",
            "f.hcl:1,6-9: Invalid index; The given key does not identify an element in this collection "
            "value: "
            "the given index is greater than or equal to the length of the collection.",
        ),
        (
            "[1][-1]",
            "f.hcl:1,8-12: Invalid index; The given key does not identify an element in this collection "
            "value: "
            "a negative number is not a valid index for a sequence.",
        ),
        (
            "l[s]",
            "f.hcl:1,6-9: Invalid index; The given key does not identify an element in this collection "
            "value: "
            "a number is required.",
        ),
        ("s[0]", "f.hcl:1,6-9: Invalid index; This value does not have any indices."),
        (
            "objects.a",
            "f.hcl:1,12-14: Unsupported attribute; Can't access attributes on a list of objects. Did you "
            "mean to "
            'access attribute "a" for a specific element of the list, or across all elements of the list?',
        ),
        (
            '1 + "a"',
            "f.hcl:1,9-12: Invalid operand; Unsuitable value for right operand: a number is required.",
        ),
        (
            '"a" && true',
            "f.hcl:1,5-8: Invalid operand; Unsuitable value for left operand: a bool is required.",
        ),
        ('-"a"', "f.hcl:1,6-9: Invalid operand; Unsuitable value for unary operand: a number is required."),
        (
            "1 + null",
            "f.hcl:1,5-13: Operation failed; Error during operation: argument must not be null.",
        ),
        (
            "0 / 0",
            "f.hcl:1,5-10: Operation failed; Error during operation: "
            "can't divide zero by zero or infinity by infinity.",
        ),
        ("{ (null) = 1 }", "f.hcl:1,16-17: Null value as key; Can't use a null value as a key."),
        (
            "{ ([]) = 1 }",
            "f.hcl:1,7-11: Incorrect key type; Can't use this value as a key: string required, but have "
            "tuple.",
        ),
        (
            "{ a.b = 1 }",
            "f.hcl:1,7-10: Ambiguous attribute key; If this expression is intended to be a reference, wrap "
            "it in "
            "parentheses. If it's instead intended as a literal name containing periods, wrap it in quotes "
            "to "
            "create a string literal.",
        ),
    ],
)
def test_faults(text: str, wanted: str) -> None:
    found, told = evaluated(text, **NAMES)
    assert [str(fault) for fault in told] == [wanted]
    assert found.raw is UNKNOWN or "{" in text


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("versoin", 'Did you mean "version"?'),
        ("local_nam", 'Did you mean "local_name"?'),
        ("unheard_of", 'Declare it: variable "unheard_of" {}, or put quotes around a text'),
    ],
)
def test_the_nearest_name_is_the_hint_for_an_unknown_one(text: str, hint: str) -> None:
    assert evaluated(text, local_name=NULL)[1][0].hint == hint


def test_all_faults_of_an_expression_are_told() -> None:
    assert [line.split(":")[1] for line in faults("[nope, { a = nada }, 1 + zilch]")] == [
        "1,6-10",
        "1,18-22",
        "1,30-35",
    ]


def test_a_type_that_does_not_fit_is_told_before_what_is_wrong_inside() -> None:
    assert [line.split(": ")[1] for line in faults('"a" + nope')] == [
        "Invalid operand; Unsuitable value for left operand",
        'Unknown variable; There is no variable named "nope".',
    ]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("true || nope", True),
        ("nope || true", True),
        ("false && nope", False),
        ("nope && false", False),
        ("null && true", False),
        ("null || true", True),
    ],
)
def test_the_side_that_settles_a_logical_operator_hides_the_other_ones_faults(
    text: str, wanted: bool
) -> None:
    assert value(text).raw is wanted


@pytest.mark.parametrize("text", ["nope || false", "true && nope", "nope || nada"])
def test_a_side_that_does_not_settle_hides_nothing(text: str) -> None:
    assert len(faults(text)) == text.count("n")  # each name begins with the only n in it


def test_unknown_values_give_unknown_ones_without_further_faults() -> None:
    for text in (
        "u + 1",
        "u == 1",
        "u.a",
        "u[0]",
        "[1][u]",
        '"a${u}"',
        "!u",
        "-u",
        "upper(u)",
        "[u][0]",
        "u[*].x",
    ):
        found, told = evaluated(text, u=ANY_UNKNOWN)
        assert not told, text
        assert found.raw is UNKNOWN, text


def test_constants_only() -> None:
    told: list[Any] = []
    frame = expressions.frame(None, None, told)
    expressions.evaluate(expression("[a, upper(1)]"), frame)
    assert [str(fault) for fault in told] == [
        "f.hcl:1,6-7: Variables not allowed; Variables may not be used here.",
        "f.hcl:1,9-17: Function calls not allowed; Functions may not be called here.",
    ]


def test_a_depth_that_python_cannot_follow_is_a_fault() -> None:
    node = expression("1")
    from bake.syntax.tree import Parens

    for _ in range(100_000):
        node = Parens(node.source, node.start, node.end, node)
    told: list[Any] = []
    found: Value = expressions.evaluate(node, expressions.frame(None, None, told))
    assert found.raw is UNKNOWN
    assert [fault.summary for fault in told] == ["Expression too deep"]
