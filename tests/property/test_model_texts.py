"""What holds for all texts that the model reads and writes."""

from __future__ import annotations

import csv
import json
import re
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bake import gojson, tabwriter
from bake.goscalars import parse_int64
from bake.model import csvvalue, gopath
from bake.model.entries import Attest, CacheEntry, Output
from bake.model.policy import Policy
from bake.model.secrets import Secret

LINES = st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]))
KEYS = st.text("abc-_.", min_size=1)
TYPES = st.text("abc", min_size=1)
ATTRIBUTES = st.dictionaries(KEYS.map(lambda key: f"k{key}"), LINES, max_size=3)


@given(st.lists(st.tuples(KEYS, LINES), min_size=1))
def test_joined_pairs_are_read_again(pairs: list[tuple[str, str]]) -> None:
    assert csvvalue.fields(csvvalue.joined(pairs)) == [f"{key}={value}" for key, value in pairs]


@given(LINES)
def test_fields_are_those_of_csv_or_refused(line: str) -> None:
    """Python's csv is the judge where it is as strict: it takes a bare quote that Go refuses."""
    try:
        fields = csvvalue.fields(line)
    except ValueError:
        assert line == "" or '"' in line
        return
    assert fields == next(csv.reader([line], strict=True, doublequote=True))


ENTRIES = st.one_of(
    st.builds(Output, type=TYPES, dest=LINES, attrs=ATTRIBUTES),
    st.builds(CacheEntry, type=TYPES, attrs=ATTRIBUTES),
    st.builds(Attest, type=TYPES, disabled=st.booleans(), attrs=ATTRIBUTES),
    st.builds(Secret, id=LINES, src=LINES, env=LINES).filter(lambda secret: str(secret) != ""),
    st.builds(
        Policy,
        files=st.lists(LINES.filter(bool), max_size=2).map(tuple),
        disabled=st.booleans(),
        strict=st.booleans(),
        log_level=st.sampled_from([None, "debug", "warning"]),
    ),
)


@given(ENTRIES)
def test_an_entrys_text_is_read_again(entry: Any) -> None:
    assert type(entry).parse(str(entry)).printed() == entry.printed()


@given(ENTRIES)
def test_an_entrys_object_form_is_read_again(entry: Any) -> None:
    if not isinstance(entry, Policy):
        assert type(entry).of(entry.printed()).printed() == entry.printed()


@given(LINES, st.sampled_from([Output, CacheEntry, Attest, Secret, Policy]))
def test_any_text_is_an_entry_or_refused(text: str, kind: Any) -> None:
    try:
        entry = kind.parse(text)
    except ValueError:
        return
    assert isinstance(entry, kind)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(JSON)
def test_json_is_read_again_and_holds_no_markup(value: Any) -> None:
    text = gojson.indented(value)
    assert json.loads(text) == value
    assert not re.search("[<>&\u2028\u2029]", text)


@given(JSON)
def test_json_without_markup_is_pythons(value: Any) -> None:
    wanted = json.dumps(value, indent=2, ensure_ascii=False)
    if not re.search("[<>&\u2028\u2029]", wanted):
        assert gojson.indented(value) == wanted


@given(st.text("abc/*?[]\\-^.", max_size=6), st.text("abc/.-]", max_size=5))
def test_patterns_match_as_the_grammar_of_path_match_says(pattern: str, name: str) -> None:
    try:
        found = gopath.match(pattern, name)
    except gopath.PatternError:
        assert set(pattern) & set("[\\")
        return
    assert found is matches(pattern, name)


def matches(pattern: str, name: str) -> bool:
    """The grammar in the documentation of Go's path.Match, by backtracking, for well-formed patterns."""
    if not pattern:
        return not name
    if pattern[0] == "*":
        return matches(pattern[1:], name) or (name[:1] not in ("", "/") and matches(pattern, name[1:]))
    if not name:
        return False
    if pattern[0] == "?":
        return name[0] != "/" and matches(pattern[1:], name[1:])
    if pattern[0] != "[":
        quoted = pattern[0] == "\\"
        return pattern[quoted] == name[0] and matches(pattern[1 + quoted :], name[1:])
    inside = pattern[1:]
    negated = inside.startswith("^")
    inside = inside[negated:]
    hit, first = False, True
    while first or inside[0] != "]":
        low, inside = member(inside)
        high = low
        if inside[:1] == "-":
            high, inside = member(inside[1:])
        hit = hit or low <= name[0] <= high
        first = False
    return hit is not negated and matches(inside[1:], name[1:])


def member(inside: str) -> tuple[str, str]:
    quoted = inside[0] == "\\"
    return inside[quoted], inside[1 + quoted :]


@given(st.text("ab./", max_size=8))
def test_a_cleaned_path_is_clean(path: str) -> None:
    clean = gopath.clean(path)
    assert gopath.clean(clean) == clean
    assert "//" not in clean
    assert clean == "/" or not clean.endswith("/")
    assert clean.startswith("/") == path.startswith("/")


WORDS = st.text("abcdefgh", min_size=1, max_size=20)
ROWS = st.lists(st.tuples(WORDS, WORDS, WORDS), min_size=1, max_size=5)


@given(ROWS)
def test_columns_begin_at_the_same_place(rows: list[tuple[str, str, str]]) -> None:
    lines = tabwriter.aligned("\n".join("\t".join(row) for row in rows)).split("\n")
    words = [
        [(found.start(), found[0]) for found in re.finditer(r"\S+", line.expandtabs(8))] for line in lines
    ]
    assert [tuple(word for _, word in line) for line in words] == rows
    assert len({tuple(start for start, _ in line) for line in words}) == 1


@given(st.integers(-(2**70), 2**70), st.integers(0, 30))
def test_whole_numbers_are_read(number: int, zeros: int) -> None:
    text = f"{'-' if number < 0 else ''}{'0' * zeros}{abs(number)}"
    try:
        assert parse_int64(text) == number
    except ValueError:
        assert not -(2**63) <= number < 2**63
