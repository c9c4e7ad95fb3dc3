from __future__ import annotations

import pytest

from bake.syntax import parse
from bake.syntax.tree import ObjectCons
from tests.unit.syntax.shapes import details, faults, shape, source, values


def test_collections_and_scalars() -> None:
    text = "a:\n  - b: 1\n    c: [yes, ~]\n  - 'x'\nd: {e: true}\nf: |\n  g\n  h\n"
    assert values(text, "compose") == {
        "a": "[{'b'=1 'c'=['yes' None]} 'x']",
        "d": "{'e'=True}",
        "f": "'g\\nh\\n'",
    }


def test_strings_are_no_templates() -> None:
    assert values('a: "${b}"\n', "compose") == {"a": "'${b}'"}


def test_spans() -> None:
    text = "ü: [ä, {b: 'c'}]\nd:\n  e: f\n\n\ng: 1\n"
    attributes = parse(source(text, "compose")).body.attributes
    assert attributes["ü"].value.span.text == "[ä, {b: 'c'}]"
    assert attributes["d"].value.span.text == "e: f"
    value = attributes["d"].value
    assert isinstance(value, ObjectCons)
    assert value.items[0].key.span.text == "e"
    assert attributes["g"].span.text == "g: 1"


def test_a_byte_order_mark_moves_nothing() -> None:
    assert parse(source("\ufeffa: b\n", "compose")).body.attributes["a"].value.span.text == "b"


def test_anchors_and_merges() -> None:
    text = "a: &x {b: 1, c: 2}\nd: {<<: *x, b: 3}\ne: {<<: [*x, {f: 4, c: 5}]}\ng: *x\n"
    assert values(text, "compose") == {
        "a": "{'b'=1 'c'=2}",
        "d": "{'b'=3 'c'=2}",
        "e": "{'b'=1 'c'=2 'f'=4}",
        "g": "{'b'=1 'c'=2}",
    }


def test_a_quoted_merge_key_is_a_key() -> None:
    assert values('a: {"<<": 1}\n', "compose") == {"a": "{'<<'=1}"}


def test_tags_of_compose_are_calls() -> None:
    text = "a: !reset null\nb: !override [1]\nc: !!str 1\nd: !!int '3'\n"
    assert values(text, "compose") == {"a": "!reset(None)", "b": "!override([1])", "c": "'1'", "d": "3"}


def test_keys_are_text_as_written() -> None:
    assert values("1: a\ntrue: b\n", "compose") == {"1": "'a'", "true": "'b'"}


def test_each_further_document_is_a_block() -> None:
    body = parse(source("a: 1\n---\nb: 2\n---\n---\nc: 3\n", "compose")).body
    assert list(body.attributes) == ["a"]
    assert [
        (block.type.text, {k: shape(v.value) for k, v in block.body.attributes.items()})
        for block in body.blocks
    ] == [
        ("document", {"b": "2"}),
        ("document", {}),
        ("document", {"c": "3"}),
    ]


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n", "null\n"])
def test_an_empty_file_is_an_empty_body(text: str) -> None:
    assert values(text, "compose") == {}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\na: 2\n", ["2,1-2 Duplicate key"]),
        ("b: {a: 1, a: 2, a: 3}\n", ["1,11-12 Duplicate key", "1,17-18 Duplicate key"]),
        ("a: *b\n", ["1,4-6 Unknown anchor"]),
        ("a: &a [*a]\n", ["1,8-10 Unknown anchor"]),
        ("a: {<<: 1}\n", ["1,9-10 Invalid merge"]),
        ("? [a]\n: b\n", ["1,3-6 Invalid key"]),
        ("- a\n", ["1,1-4 Invalid compose file"]),
        ("a: b: c\n", ["1,5-6 Invalid YAML"]),
        ("a: [1\n", ["2,1-1 Invalid YAML"]),
        ("a: \x00\n", None),
        ("[" * 100_000, ["1,201-202 Nesting too deep"]),
        ("a: &a []\n" + "".join(f"k{i}: &a [*a]\n" for i in range(300)), ["201,7-8 Nesting too deep"]),
    ],
)
def test_faults(text: str, expected: list[str] | None) -> None:
    found = faults(text, "compose")
    assert found if expected is None else found == expected


def test_aliases_cannot_grow_without_end() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 9)]
    assert [one.split()[1:] for one in faults("\n".join(lines), "compose")] == [["Excessive", "aliasing"]]


def test_details_say_what_yaml_expected() -> None:
    assert "mapping values are not allowed" in details("a: b: c\n", "compose")[0]
