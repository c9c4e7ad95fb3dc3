from __future__ import annotations

import json

import pytest

from tests.fakes.evaluating import attribute, config, plain, refused


def test_blocks_of_several_files_stand_in_their_order() -> None:
    found = config(
        'target "a" {}\ngroup "g" { targets = ["a"] }', 'target "b" {}\ntarget "a" { context = "2" }'
    )
    assert [(one.name, one.syntax.source.name) for one in found.targets] == [
        ("a", "f.hcl"),
        ("b", "f2.hcl"),
        ("a", "f2.hcl"),
    ]
    assert [one.name for one in found.groups] == ["g"]


def test_a_variable_of_a_later_file_replaces_the_earlier_one_whole() -> None:
    found = config(
        'variable "v" {\n  default = 1\n  description = "old"\n}', 'variable "v" { type = string }'
    )
    (variable,) = found.variables
    assert (variable.value.raw, variable.description) == (None, "")


def test_variables_stand_in_the_order_of_the_files() -> None:
    found = config(
        'variable "b" {}\nvariable "a" { default = b }', 'variable "c" {}\nvariable "b" { default = 1 }'
    )
    assert [(one.name, plain(one.value)) for one in found.variables] == [("b", 1), ("a", 1), ("c", "")]


def test_an_attribute_keeps_its_syntax() -> None:
    found = config('target "t" {\n  tags = ["a", "b"]\n}').targets[0].attributes["tags"]
    assert str(found.syntax.span) == "f.hcl:2,3-20"


def test_nothing_gives_nothing() -> None:
    found = config("")
    assert (found.targets, found.groups, found.variables, found.warnings) == ((), (), (), ())


def test_json_means_what_hcl_means() -> None:
    args = {"${W}": "${f(V[0], 1)}", "n": 1, "s": "${target.u.context}"}
    function = {"params": ["x"], "variadic_params": "rest", "result": "${x}${length(rest)}"}
    text = json.dumps(
        {
            "variable": {"V": {"type": "list(string)", "default": ["a"]}, "W": {"default": "w"}},
            "function": {"f": function},
            "target": {"t": {"args": args}, "u": {"context": "c"}},
            "g": "${W}",
        }
    )
    assert attribute(text) == {"w": "a1", "n": "1", "s": "c"}
    assert [plain(one.value) for one in config(text).variables] == [["a"], "w"]


UNSUITABLE = "Unsuitable value type; Unsuitable value: "


@pytest.mark.parametrize(
    ("value", "place", "message"),
    [
        ('{"tags": "x"}', "1,27-30", f"{UNSUITABLE}list of string required, but have string"),
        ('{"tags": "${1}"}', "1,27-33", f"{UNSUITABLE}list of string required, but have number"),
        ('{"tags": [null]}', "1,27-28", f"{UNSUITABLE}null value is not allowed"),
        ('{"context": "a${nope}"}', "1,34-38", 'Unknown variable; There is no variable named "nope".'),
        (
            '{"context": "${upper()}"}',
            "1,39-40",
            'Not enough function arguments; Function "upper" expects 1 argument(s). Missing value for "str".',
        ),
    ],
)
def test_faults_in_json(value: str, place: str, message: str) -> None:
    assert refused(f'{{"target": {{"t": {value}}}}}') == [f"f.json:{place}: {message}"]


def test_what_json_misses_it_misses_at_the_end() -> None:
    text = '{"variable": {"V": {"type": "number", "default": "z"}}, "group": {"g": {}}}'
    assert refused(text) == [
        "f.json:1,53-54: Invalid value; invalid type number for variable V default value: a number is "
        "required",
        'f.json:1,73-74: Missing required argument; The argument "targets" is required, but no definition '
        "was found.",
    ]


def test_a_pattern_that_takes_too_long_ends_the_definition() -> None:
    slow = 'regex("(a?){1000}(a?){1000}b", join("", [for n in range(1000) : "a"]))'
    told = refused(f'target "t" {{\n args = {{\n  a = {slow}\n }}\n tags = [for n in [1, 2] : n]\n}}\n')
    assert [line.partition("; ")[0] for line in told] == [
        "f.hcl:2,9-4,3: Too much to evaluate",
        "f.hcl:5,9-30: Too much to evaluate",
    ]
