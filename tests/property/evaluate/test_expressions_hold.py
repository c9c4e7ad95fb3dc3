"""Whatever an expression says, it has a value or faults; constants are what they say."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bake.evaluate.types import NUMBER, STRING
from bake.evaluate.values import (
    Value,
    is_wholly_known,
    list_of,
    map_of,
    null,
    object_of,
    set_of,
    string,
    whole,
)
from tests.fakes.evaluating import evaluated, plain, value

NAMES = {
    "s": string("text"),
    "n": whole(2),
    "l": list_of(STRING, [string("x"), string("y")]),
    "m": map_of(NUMBER, {"k": whole(1)}),
    "o": object_of({"a": string("A"), "b": whole(1)}),
    "set": set_of(STRING, [string("e")]),
    "none": null(STRING),
}
LEAVES = st.sampled_from(
    ["1", "0", "-1", "2.5", '"a"', '""', '"${s}-"', "true", "false", "null", "nope", "[]", "{}", *NAMES]
)
SHAPES = [
    "({})",
    "-({})",
    "!({})",
    "({}).a",
    "({})[0]",
    "({})[*]",
    "({})[*].a",
    "upper({})",
    "length({})",
    "can({})",
    "try({}, 1)",
    "max({}...)",
    "nope({})",
    '"<${{{}}}>"',
    '"${{{}}}"',
    "[for v in {} : v]",
    "[for k, v in {} : k]",
    "{{ for v in {} : v => v... }}",
    "({}) + ({})",
    "({}) == ({})",
    "({}) < ({})",
    "({}) && ({})",
    "({}) || ({})",
    "({}) / ({})",
    "({})[{}]",
    "[{}, {}]",
    "{{ a = {}, b = {} }}",
    "{{ ({}) = {} }}",
    "[for v in {} : v if {}]",
    "{{ for v in {} : v => {} }}",
    "concat({}, {})",
    '"%{{ for v in {} }}${{{}}}%{{ endfor }}"',
    "({}) ? ({}) : ({})",
    '"%{{ if {} }}${{{}}}%{{ else }}${{{}}}%{{ endif }}"',
]


def _filled(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    def fill(shape: str) -> st.SearchStrategy[str]:
        holes = shape.replace("{{", "").replace("}}", "").count("{}")
        return st.tuples(*[inner] * holes).map(lambda parts: shape.format(*parts))

    return st.sampled_from(SHAPES).flatmap(fill)


EXPRESSIONS = st.recursive(LEAVES, _filled, max_leaves=12)


@settings(max_examples=400)
@given(EXPRESSIONS)
def test_an_expression_has_a_value_or_faults(text: str) -> None:
    found, faults = evaluated(text, **NAMES)
    assert isinstance(found, Value)
    for fault in faults:
        assert fault.span is not None, fault
        assert fault.summary, fault
    assert is_wholly_known(found) or faults or "null" in text or "none" in text, text


@settings(max_examples=100)
@given(EXPRESSIONS)
def test_evaluating_is_a_function(text: str) -> None:
    once, again = evaluated(text, **NAMES), evaluated(text, **NAMES)
    assert (once[0], [str(one) for one in once[1]]) == (again[0], [str(one) for one in again[1]])


KEYS = st.text("abc-", min_size=1)
CONSTANTS = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.text('abc"\\\n\té ß${%{}', max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("abc-", min_size=1), inner, max_size=3)
    ),
    max_leaves=8,
)


def written(constant: Any) -> str:
    """The constant in HCL."""
    if isinstance(constant, str):
        text = json.dumps(constant, ensure_ascii=False)
        return text.replace("${", "$${").replace("%{", "%%{")
    if isinstance(constant, list):
        return f"[{', '.join(map(written, constant))}]"
    if isinstance(constant, dict):
        return "{" + ", ".join(f"{written(key)} = {written(one)}" for key, one in constant.items()) + "}"
    return json.dumps(constant)


@settings(max_examples=200)
@given(CONSTANTS)
def test_a_constant_is_what_it_says(constant: Any) -> None:
    assert plain(value(written(constant))) == constant


@settings(max_examples=100)
@given(CONSTANTS, CONSTANTS)
def test_both_branches_of_a_conditional_can_be_taken(one: Any, other: Any) -> None:
    text = f"({written(one)})", f"({written(other)})"
    taken, faults = evaluated(f"true ? {text[0]} : {text[0]}")
    assert (plain(taken), faults) == (one, [])
    either = [evaluated(f"{flag} ? {text[0]} : {text[1]}") for flag in ("true", "false")]
    # whether two types have one in common does not depend on which is taken
    assert [bool(told) for _, told in either] in ([False, False], [True, True])
