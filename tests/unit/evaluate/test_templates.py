from __future__ import annotations

import pytest

from bake.evaluate.types import STRING
from bake.evaluate.values import ANY_UNKNOWN, UNKNOWN, null, string
from tests.fakes.evaluating import evaluated, faults, plain, value


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ('"a${1}b${true}"', "a1btrue"),
        ('"${"a"}${"b"}"', "ab"),
        ('"$${a}%%{b}"', "${a}%{b}"),
        ('"%{ if true }yes%{ else }no%{ endif }"', "yes"),
        ('"%{ if false }yes%{ endif }!"', "!"),
        ('"%{ for v in [1, 2] }<${v}>%{ endfor }"', "<1><2>"),
        ('"%{ for k, v in { a = 1 } }${k}=${v}%{ endfor }"', "a=1"),
        ('"%{ for v in [] }x%{ endfor }"', ""),
        ("<<X\na${1 + 1}\nX", "a2\n"),
        ("<<-X\n    a\n      b\n    X", "a\n  b\n"),
        ('"e\u0301${""}"', "\u00e9"),
        ('"e${"\u0301"}"', "\u00e9"),
    ],
)
def test_texts(text: str, wanted: str) -> None:
    found = value(text)
    assert (found.type, found.raw) == (STRING, wanted)


@pytest.mark.parametrize(("text", "wanted"), [('"${1}"', 1), ('"${null}"', None), ('"${[1]}"', [1])])
def test_a_template_that_is_one_interpolation_is_its_value(text: str, wanted: object) -> None:
    assert plain(value(text)) == wanted


NULL_PART = (
    "Invalid template interpolation value; The expression result is null. Cannot include a null value in a "
    "string "
    "template."
)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ('"a${none}"', f"f.hcl:1,9-13: {NULL_PART}"),
        ('"a${null}b"', f"f.hcl:1,9-13: {NULL_PART}"),
        (
            '"a${[]}"',
            "f.hcl:1,9-11: Invalid template interpolation value; Cannot include the given value in a "
            "string template: "
            "string required, but have tuple.",
        ),
        (
            '"%{ for v in none }${v}%{ endfor }"',
            "f.hcl:1,18-22: Iteration over null value; A null value cannot be used as the collection in a "
            "'for' "
            "expression.",
        ),
    ],
)
def test_faults(text: str, wanted: str) -> None:
    assert faults(text, none=null(STRING)) == [wanted]


def test_every_part_is_looked_at() -> None:
    assert len(faults('"${nope}${null}${nada}"')) == 3


def test_a_text_with_an_unknown_part_is_an_unknown_text() -> None:
    for text in ('"a${u}"', '"%{ for v in u }a%{ endfor }"', '"%{ for v in [u] }a${v}%{ endfor }"'):
        found, told = evaluated(text, u=ANY_UNKNOWN)
        assert (found.type, found.raw, told) == (STRING, UNKNOWN, []), text


def test_the_names_of_a_loop_hide_outer_ones() -> None:
    assert value('"%{ for v in ["in"] }${v}%{ endfor }${v}"', v=string("out")).raw == "inout"
