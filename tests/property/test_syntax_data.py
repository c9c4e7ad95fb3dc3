"""JSON, TOML and YAML: valid where the standard readers say so, the same values, and nothing crashes."""

from __future__ import annotations

import json
import tomllib
from typing import TYPE_CHECKING, Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bake.errors import BakeError, flatten
from bake.syntax import parse, tree
from bake.syntax.cache import cached
from bake.syntax.codec import decode, encode
from tests.unit.syntax.shapes import shape, source

if TYPE_CHECKING:
    from bake.source import Dialect

JSON_PIECES = [
    *'{}[],:"\\ \n=x',
    '"a"',
    '"b":',
    '{"a":',
    "1",
    "-0.5e3",
    "01",
    "true",
    "null",
    '"\\u00e9"',
    '"\\x"',
    "\x01",
]
SEMANTIC = {"Duplicate argument", "Duplicate object attribute", "Incorrect JSON value type"}
TEXTS = st.text(st.characters(exclude_characters="$%", exclude_categories=["Cs"]), max_size=8)
DATA = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3)),
    max_leaves=10,
)
DIALECTS: list[Dialect] = ["json", "toml", "compose"]


def plain(node: Any) -> Any:
    """The Python value of a tree without expressions."""
    if isinstance(node, tree.Template):
        return "".join(str(plain(part)) for part in node.parts)
    if isinstance(node, tree.TupleCons):
        return [plain(item) for item in node.items]
    if isinstance(node, tree.ObjectCons):
        return {plain(item.key): plain(item.value) for item in node.items}
    assert isinstance(node, tree.Literal)
    if isinstance(node.value, tree.NumberText):
        return float(node.value) if set(node.value) & set(".eE") else int(node.value)
    return node.value


def attributes(text: str, dialect: Dialect) -> dict[str, Any]:
    return {name: plain(one.value) for name, one in parse(source(text, dialect)).body.attributes.items()}


def normalized(value: Any) -> Any:
    from unicodedata import normalize

    if isinstance(value, dict):
        return {normalize("NFC", key): normalized(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [normalized(inner) for inner in value]
    return normalize("NFC", value) if isinstance(value, str) else value


@given(st.dictionaries(st.sampled_from(["a", "b", "é"]), DATA), st.booleans(), st.sampled_from([None, 1]))
@settings(max_examples=200)
def test_json_values(data: dict[str, Any], ascii_only: bool, indent: int | None) -> None:
    text = json.dumps(data, ensure_ascii=ascii_only, indent=indent)
    assume(len(str(normalized(data))) == len(str(data)))
    assert attributes(text, "json") == normalized(data)


@given(st.lists(st.sampled_from(JSON_PIECES), max_size=15).map("".join))
@settings(max_examples=500)
def test_json_is_valid_where_python_says_so(text: str) -> None:
    try:
        valid = isinstance(json.loads(text), (dict, list))
    except ValueError:
        valid = False
    try:
        parse(source(text, "json"))
        faults = set()
    except (BakeError, ExceptionGroup) as exc:
        faults = {fault.summary for fault in flatten(exc)}
    assert valid == (not faults - SEMANTIC)


TOML_VALUES = [
    *[
        "1",
        "-2_0",
        "0x1f",
        "0o7",
        "0b1",
        "1.5",
        "1e3",
        "+0.25",
        "true",
        "1979-05-27",
        "07:32:00",
        "1979-05-27 07:32:00Z",
    ],
    *[
        '"a\\tb\\u00e9"',
        "'c\\d'",
        '"""\nx\\\n  y""\\""""',
        "'''\nz'\n'''",
        "[1, [2,], # c\n 3]",
        "{a = 1, b.c = 'd'}",
        "{}",
        "[]",
    ],
]
TOML_LINES = [
    *[f"{key} = {value}" for key in ("a", '"b c"', "d.e", "f . 'g'") for value in TOML_VALUES],
    *["[t]", "[t.u]", "[[v]]", "[[v.w]]", "[ x . y ]", "# c", "", "bad", "a ="],
]


@given(st.lists(st.sampled_from(TOML_LINES), max_size=6), st.sampled_from(["\n", "\r\n"]))
@settings(max_examples=400)
def test_toml_is_what_tomllib_says(lines: list[str], end: str) -> None:
    text = end.join(line.replace("\n", end) for line in lines)
    try:
        expected = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        expected = None
    try:
        found: Any = attributes(text, "toml")
    except BakeError:
        found = None
    if expected is not None:
        expected = json.loads(json.dumps(expected, default=lambda date: date.isoformat()))
        found = json.loads(json.dumps(found).replace(" 07:32:00Z", "T07:32:00+00:00"))
    assert found == expected


@given(st.dictionaries(st.sampled_from(["a", "b", "é"]), DATA))
@settings(max_examples=200)
def test_yaml_reads_json(data: dict[str, Any]) -> None:
    text = json.dumps(data)
    assume("\\u" not in text.replace("\\u00", ""))  # YAML knows no surrogate pairs
    assert attributes(text, "compose") == data


YAML_PIECES = [
    "a: ",
    "b:\n",
    "  ",
    "- ",
    "\n",
    "&x ",
    "*x",
    "<<: ",
    "{",
    "}",
    "[",
    "]",
    ",",
    "'",
    '"',
    "|\n",
    "!t ",
    "?",
    "# c",
    "---\n",
    "%",
    "1",
    "~",
    "é",
    "\t",
    "\x00",
]


@given(st.lists(st.sampled_from(YAML_PIECES), max_size=20).map("".join))
@settings(max_examples=400)
def test_any_yaml_is_a_tree_or_worded_faults(text: str) -> None:
    assert_worded(text, "compose")


@given(st.text(max_size=50), st.sampled_from(DIALECTS))
@settings(max_examples=300)
def test_any_text_is_a_tree_or_worded_faults(text: str, dialect: Dialect) -> None:
    assert_worded(text, dialect)


def assert_worded(text: str, dialect: Dialect) -> None:
    try:
        file = parse(source(text, dialect))
    except (BakeError, ExceptionGroup) as exc:
        faults = flatten(exc)
        assert faults
        assert all(fault.detail and fault.span and fault.span.end <= len(text) for fault in faults)
    else:
        for attribute in file.body.attributes.values():
            assert 0 <= attribute.value.start <= attribute.value.end <= len(text)


@given(st.dictionaries(st.sampled_from(["a", "b", "é"]), DATA))
@settings(max_examples=100)
def test_kept_trees_come_back(data: dict[str, Any]) -> None:
    origin = source(json.dumps(data), "json")
    tree_ = parse(origin)
    back = decode(encode(tree_), origin)
    assert {k: shape(v.value) for k, v in back.body.attributes.items()} == {
        k: shape(v.value) for k, v in tree_.body.attributes.items()
    }


@given(st.binary(max_size=200))
@settings(max_examples=100)
def test_any_bytes_in_the_place_of_a_kept_tree_do_no_harm(data: bytes) -> None:
    from pathlib import Path
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        cached(source("a = 1\n"), folder)
        next(Path(folder).iterdir()).write_bytes(data)
        assert shape(cached(source("a = 1\n"), folder).body.attributes["a"].value) == "1"
