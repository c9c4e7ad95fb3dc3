from __future__ import annotations

from typing import Any

import pytest

from bake.evaluate.types import STRING, List
from bake.evaluate.values import ANY_UNKNOWN, UNKNOWN, list_of, null, string
from tests.fakes.evaluating import evaluated, faults, plain, value

NAMES = {"l": list_of(STRING, [string("a"), string("b")]), "none": null(List(STRING)), "s": string("x")}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ('upper("a")', "A"),
        ("upper(1)", "1"),
        ("max(1, 3, 2)", 3),
        ("max([1, 3]...)", 3),
        ("max(5, [1, 3]...)", 5),
        ("concat(l, l)", ["a", "b", "a", "b"]),
        ('can(s.a) ? "y" : "n"', "n"),
        ("can(nope)", False),
        ("can(s)", True),
        ("try(s.a, nope, s)", "x"),
        ("try(1)", 1),
        ('convert("1", number)', 1),
        ('convert(["1"], list(number))', [1]),
        ("convert(null, string)", None),
    ],
)
def test_values(text: str, wanted: Any) -> None:
    assert plain(value(text, **NAMES)) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("nope()", 'f.hcl:1,5-9: Call to unknown function; There is no function named "nope".'),
        (
            "upper()",
            'f.hcl:1,11-12: Not enough function arguments; Function "upper" expects 1 argument(s). '
            'Missing value for "str".',
        ),
        (
            "upper(1, 2 + 3)",
            'f.hcl:1,14-15: Too many function arguments; Function "upper" expects only 1 argument(s).',
        ),
        (
            "upper([])",
            'f.hcl:1,11-12: Invalid function argument; Invalid value for "str" parameter: '
            "string required, but have tuple.",
        ),
        (
            "upper(null)",
            'f.hcl:1,11-15: Invalid function argument; Invalid value for "str" parameter: argument must '
            "not be null.",
        ),
        ("upper(nope)", 'f.hcl:1,11-15: Unknown variable; There is no variable named "nope".'),
        (
            "max(s...)",
            "f.hcl:1,9-10: Invalid expanding argument value; The expanding argument (indicated by ...) "
            "must be of a "
            "tuple, list, or set type.",
        ),
        (
            "max(none...)",
            "f.hcl:1,9-13: Invalid expanding argument value; The expanding argument (indicated by ...) "
            "must not be "
            "null.",
        ),
        (
            'max(["a"]...)',
            'f.hcl:1,9-14: Invalid function argument; Invalid value for "numbers" parameter: a number is '
            "required.",
        ),
        (
            "can()",
            'f.hcl:1,9-10: Not enough function arguments; Function "can" expects 1 argument(s). '
            'Missing value for "expression".',
        ),
        (
            "can(1, 2)",
            'f.hcl:1,12-13: Too many function arguments; Function "can" expects only 1 argument(s).',
        ),
        (
            "try()",
            'f.hcl:1,5-9: Error in function call; Call to function "try" failed: at least one argument is '
            "required.",
        ),
        (
            "try(nope)",
            'f.hcl:1,5-9: Error in function call; Call to function "try" failed: no expression succeeded:\n'
            '- Unknown variable (at f.hcl:1,9-13)\n  There is no variable named "nope".\n\n'
            "At least one expression must produce a successful result.",
        ),
        (
            'convert("a", number)',
            'f.hcl:1,14-15: Invalid function argument; Invalid value for "value" parameter: a number is '
            "required.",
        ),
        (
            "convert(1, nope)",
            'f.hcl:1,16-20: Invalid type specification; The keyword "nope" is not a valid type '
            "specification.",
        ),
        (
            'parseint("z", 10)',
            'f.hcl:1,15-16: Invalid function argument; Invalid value for "number" parameter: '
            'cannot parse "z" as a base 10 integer.',
        ),
        (
            "coalesce(null, null)",
            'f.hcl:1,5-14: Error in function call; Call to function "coalesce" failed: no non-null '
            "arguments.",
        ),
    ],
)
def test_faults(text: str, wanted: str) -> None:
    assert faults(text, **NAMES) == [wanted]


def test_the_nearest_function_is_the_hint_for_an_unknown_one() -> None:
    assert evaluated("uper(1)")[1][0].hint == 'Did you mean "upper"?'


def test_a_call_with_an_unknown_argument_is_unknown() -> None:
    for text in ("upper(u)", "max(u...)", "length([u])", "can(u)", "try(u)"):
        found, told = evaluated(text, u=ANY_UNKNOWN)
        assert (found.raw, told) == (UNKNOWN, []), text
