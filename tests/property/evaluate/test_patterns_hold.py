"""Regular expressions against Python's engine, where the two agree on the syntax and on preferences."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from bake.evaluate.patterns import PatternError, compile_pattern

TEXTS = st.text(st.sampled_from("abc\n"), max_size=8)

# Python's engine goes through a nullable loop once more than RE2 does, so loops are put around what
# consumes something
ATOMS = st.sampled_from(["a", "b", "c", ".", "[ab]", "[^a]", r"\w", r"\n"])


def _grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    solid = st.tuples(inner, ATOMS).map("".join)
    return st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map(lambda pair: f"(?:{pair[0]}|{pair[1]})"),
        inner.map(lambda one: f"({one})"),
        st.tuples(solid, st.sampled_from(["*", "+", "?", "*?", "+?", "??", "{2}", "{1,2}", "{0,2}?"])).map(
            lambda pair: f"(?:{pair[0]}){pair[1]}"
        ),
        inner.map(lambda one: f"(?m:^{one})"),
        inner.map(lambda one: rf"\b{one}"),
    )


PATTERNS = st.recursive(ATOMS, _grown, max_leaves=6)


@given(PATTERNS, TEXTS)
def test_the_first_match_and_its_groups_are_python_s(pattern: str, text: str) -> None:
    wanted = re.compile(pattern, re.ASCII).search(text)
    found = compile_pattern(pattern).search(text)
    if wanted is None:
        assert found is None
    else:
        assert found is not None
        assert (found[0], found[1]) == wanted.span()


@given(PATTERNS, TEXTS)
def test_the_whole_text_matches_as_in_python(pattern: str, text: str) -> None:
    found = compile_pattern(rf"\A(?:{pattern})\z").search(text)
    assert (found is not None) is (re.compile(pattern, re.ASCII).fullmatch(text) is not None)


@given(PATTERNS, TEXTS)
def test_matches_stand_in_order_and_do_not_overlap(pattern: str, text: str) -> None:
    end = 0
    for found in compile_pattern(pattern).matches(text):
        assert end <= found[0] <= found[1] <= len(text)
        end = found[1]


@given(PATTERNS, TEXTS)
def test_replacing_by_the_match_changes_nothing(pattern: str, text: str) -> None:
    assert compile_pattern(pattern).replace(text, lambda found: text[found[0] : found[1]]) == text


@given(st.text(st.sampled_from(r"ab()[]{}*+?|\^$.-,:12<>PpimsUdwQEx"), max_size=14))
def test_every_text_is_a_pattern_or_refused(text: str) -> None:
    try:
        pattern = compile_pattern(text)
    except PatternError as error:
        code, expression = error.code, error.expression
    else:
        assert pattern.search("ab12") is None or len(pattern.names) <= text.count("(")
        return
    assert code
    assert expression in text


@given(st.integers(1, 40))
def test_nested_repetition_stays_quick(size: int) -> None:
    # Python's own engine would need 2^40 steps
    assert compile_pattern("(?:a*)*b").search("a" * size) is None
