from __future__ import annotations

import pytest

from bake.errors import DefinitionError
from bake.syntax import parse
from bake.syntax.tree import Literal
from tests.unit.syntax.shapes import details, faults, shape, source, values


def test_values() -> None:
    text = '{"a": [1, -2.5e3, true, null, "x"], "b": {"c": {}}, "d": "", "//": "${"}'
    assert values(text, "json") == {"a": "[1 -2.5e3 True None T('x')]", "b": "{T('c')={}}", "d": "T()"}


def test_strings_are_templates_with_spans_through_escapes() -> None:
    text = '{"a": "\\u0041${b}\\n\\ud83d\\ude00${c.d}"}'
    value = parse(source(text, "json")).body.attributes["a"].value
    assert shape(value) == "T('A' b '\\n😀' c.d)"
    assert [part.span.text for part in value.parts] == ["\\u0041", "b", "\\n\\ud83d\\ude00", "c.d"]  # type: ignore[union-attr]
    assert value.span.text == text[6:-1]


def test_backslashes_mean_nothing_to_the_template_itself() -> None:
    assert values(r'{"a": "\\n${b}", "c": "$${d}"}', "json") == {"a": r"T('\\n' b)", "c": "T('${d}')"}


def test_keys_of_objects_are_templates() -> None:
    assert values('{"a": {"${k}": 1}}', "json") == {"a": "{W(k)=1}"}


def test_lone_surrogates_become_replacement_characters() -> None:
    assert values('{"a": "\\ud800"}', "json") == {"a": "T('\ufffd')"}


def test_blocks() -> None:
    text = """{
      "target": {"a": {"x": 1}, "b": [{"y": 2}, {"z": 3}], "c": null},
      "variable": [{"V": {"default": 1, "validation": [{"condition": true}, {"condition": false}]}}],
      "other": {"d": 1}
    }"""
    body = parse(source(text, "json")).body
    assert [
        (block.type.text, block.labels[0].text, list(block.body.attributes)) for block in body.blocks
    ] == [
        ("target", "a", ["x"]),
        ("target", "b", ["y"]),
        ("target", "b", ["z"]),
        ("variable", "V", ["default"]),
    ]
    assert [block.type.text for block in body.blocks[3].body.blocks] == ["validation", "validation"]
    assert list(body.attributes) == ["other"]
    assert body.blocks[0].labels[0].span.text == '"a"'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ["1,1-1 Missing value", "1,1-1 Root value must be object"]),
        ("1", ["1,1-2 Root value must be object"]),
        ('[{"a": 1}, {"b": 2}]', ["1,1-2 Incorrect JSON value type"]),
        ('{"a": 1} x', ["1,10-11 Extraneous data after value"]),
        ('{"a" 1}', ["1,6-7 Missing property value colon", "1,1-2 Root value must be object"]),
        ('{"a" = 1}', ["1,6-7 Missing property value colon", "1,1-2 Root value must be object"]),
        ('{"a"}', ["1,5-6 Missing object value", "1,1-2 Root value must be object"]),
        ('{"a": }', ["1,7-8 Missing JSON value"]),
        ('{"a": [}', ["1,8-9 Missing JSON value", "1,9-9 Mismatched brackets", "1,1-2 Unclosed object"]),
        ('{"a": 1,}', ["1,8-9 Trailing comma in object", "1,1-2 Root value must be object"]),
        ('{"a": [1,]}', ["1,9-10 Trailing comma in array"]),
        ('{"a": [1 2]}', ["1,12-13 Missing attribute seperator comma"]),
        ('{"a": [1:2]}', ["1,12-13 Invalid array value"]),
        ('{"a": 1]', ["1,9-9 Mismatched braces", "1,1-2 Root value must be object"]),
        ('{"a": [', ["1,8-8 Missing value", "1,7-8 Unclosed object", "1,1-2 Unclosed object"]),
        ('{"a": 01}', ["1,7-9 Invalid JSON number"]),
        ('{"a": tru}', ["1,7-10 Invalid JSON keyword"]),
        ('{"a": NaN}', ["1,7-10 Invalid JSON keyword"]),
        ('{"a": "\\q"}', ["1,10-11 Invalid JSON string"]),
        ('{"a": "x\\u00zz"}', ["1,14-15 Invalid JSON string"]),
        ('{"a": "\\u12"}', ["1,13-14 Invalid JSON string"]),
        ('{"a": "é\\q"} ', ["1,12-13 Invalid JSON string"]),
        ('{"a": "x', ["1,9-9 Invalid JSON string"]),
        ("{1: 2}", ["1,2-3 Invalid object property name"]),
        ('{"a": 1, "a": 2}', ["1,10-13 Duplicate argument"]),
        ('{"a": {"b": 1, "b": 2}}', ["1,16-19 Duplicate object attribute"]),
        ('{"target": {}}', ["1,12-13 Missing block label"]),
        ('{"target": 1}', ["1,12-13 Incorrect JSON value type"]),
        ('{"target": [1]}', ["1,13-14 Incorrect JSON value type"]),
        ('{"target": {"a": 1}}', ["1,18-19 Incorrect JSON value type"]),
        ('{"target": {"a": [1]}}', ["1,19-20 Incorrect JSON value type"]),
        ('{"a": "x${b:-c}"}', ["1,12-13 Extra characters after interpolation expression"]),
        ('{"a": "\\n${b", "c": "%{"}', None),
    ],
)
def test_faults(text: str, expected: list[str] | None) -> None:
    found = faults(text, "json")
    assert found if expected is None else found[: len(expected)] == expected


def test_faults_in_several_strings_are_told_together() -> None:
    assert len(faults('{"a": "${", "b": ["${}"]}', "json")) == 2


def test_details_suggest_the_nearest_word() -> None:
    assert details('{"a": flase}', "json") == ['"flase" is not a valid JSON keyword. Did you mean "false"?']


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, '{"a": "' + "${[" * 1000 + '"}'])
def test_deep_nesting_is_refused(text: str) -> None:
    assert faults(text, "json")


def test_a_variables_description_is_no_template() -> None:
    read = parse(source('{"variable": {"V": {"description": "of ${x}", "default": "${x}"}}}', "json"))
    attributes = read.body.blocks[0].body.attributes
    assert isinstance(attributes["description"].value, Literal)
    assert attributes["description"].value.value == "of ${x}"
    assert not isinstance(attributes["default"].value, Literal)


def test_a_byte_order_mark_is_refused_by_name() -> None:
    with pytest.raises(ExceptionGroup) as told:
        parse(source('\ufeff{"target": {}}', "json"))
    first = told.value.exceptions[0]
    assert isinstance(first, DefinitionError)
    assert (first.summary, first.hint and "byte order mark" in first.hint) == ("Invalid start of value", True)
