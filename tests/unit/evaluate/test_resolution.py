from __future__ import annotations

from typing import Any

import pytest

from bake.evaluate.schema import overrides
from bake.host import Host
from bake.platforms import Platform
from tests.fakes.evaluating import attribute, config, plain, refusals, refused


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            'target "t" { args = { a = v } }\nvariable "v" { default = w }\nvariable "w" { default = "x" }',
            {"a": "x"},
        ),
        ('target "t" { args = { a = g } }\ng = upper(v)\nvariable "v" { default = "x" }', {"a": "X"}),
        (
            'variable "v" { default = "var" }\nv = "attribute"\ntarget "t" { args = { a = v } }',
            {"a": "attribute"},
        ),
        ('target "t" { args = target.u.args }\ntarget "u" { args = { b = "x" } }', {"b": "x"}),
        ('target "t" { args = { a = target.u.context } }\ntarget "u" { context = v }\nv = 1', {"a": "1"}),
        ('target "t" { args = { a = target.u.name } }\ntarget "u" {}', {"a": "u"}),
        (
            'target "t" { args = { a = join(",", group.g.targets) } }\ngroup "g" { targets = ["x", "y"] }',
            {"a": "x,y"},
        ),
        (
            'target "t" { args = { a = target.u-b.context } }\n'
            'target "u" {\n  matrix = { x = ["a", "b"] }\n  name = "u-${x}"\n  context = x\n}',
            {"a": "b"},
        ),
        ('target "t" { args = { a = target.u.context == null } }\ntarget "u" {}', {"a": "true"}),
        ('target "t" { args = { a = g } }\ng = target.u.context\ntarget "u" { context = "c" }', {"a": "c"}),
        (
            'target "t" { args = { a = target.u.context } }\ntarget "u" { context = "1" }\ntarget "u" { '
            'context = "2" }',
            {"a": "2"},
        ),
        ('target "t" { args = { a = BAKE_CMD_CONTEXT } }', {"a": "cwd://"}),
        (
            'variable "BAKE_CMD_CONTEXT" { default = "x" }\ntarget "t" { args = { a = BAKE_CMD_CONTEXT } }',
            {"a": "cwd://"},
        ),
    ],
)
def test_references(text: str, wanted: Any) -> None:
    assert attribute(text) == wanted


def test_inheritance_plays_no_part_in_a_reference() -> None:
    text = 'target "t" { args = { a = target.u.context == null } }\n'
    text += 'target "u" { inherits = ["base"] }\ntarget "base" { context = "c" }'
    assert attribute(text) == {"a": "true"}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            'variable "a" { default = b }\nvariable "b" { default = a }\n',
            "2,26-27: Invalid expression; variable cycle not allowed for a: a refers to b at f.hcl:1,26-27, "
            "b refers to a at f.hcl:2,26-27",
        ),
        (
            "a = a\n",
            "1,5-6: Invalid expression; variable cycle not allowed for a: a refers to a at f.hcl:1,5-6",
        ),
        (
            'target "t" {\n  context = target.t.context\n}\n',
            "2,13-29: Invalid expression; reference cycle not allowed for target.t.context: "
            "target.t.context refers to "
            "target.t.context at f.hcl:2,13-29",
        ),
        (
            'target "t" {\n  context = target.u.context\n}\ntarget "u" {\n  context = g\n}\ng = '
            "target.t.context\n",
            "2,13-29: Invalid expression; reference cycle not allowed for target.u.context: "
            "target.u.context refers to g at f.hcl:5,13-14, g refers to target.t.context at f.hcl:7,5-21, "
            "target.t.context refers to target.u.context at f.hcl:2,13-29",
        ),
    ],
)
def test_circles_are_named_whole(text: str, wanted: str) -> None:
    assert refused(text) == [f"f.hcl:{wanted}"]


def test_two_references_to_an_undefined_name_are_no_circle() -> None:
    told = refused('variable "a" { default = nope }\nvariable "b" { default = nope }\n')
    assert [line.split(": ")[1] for line in told] == [
        'Unknown variable; There is no variable named "nope".'
    ] * 2


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("context = target", "2,11-17: Invalid expression; cannot access target as a variable"),
        ("tags = [target]", "2,8-16: Invalid expression; cannot access target as a variable"),
        (
            'context = can(target) ? "a" : ""',
            "2,11-33: Invalid expression; cannot access target as a variable",
        ),
        (
            'name = "x"\nmatrix = { target = ["x"] }\ncontext = target',
            "4,11-17: Invalid expression; cannot access target as a variable",
        ),
        ("context = group", "2,11-16: Invalid expression; cannot access group as a variable"),
        ("context = group.a", '2,11-16: Unknown variable; There is no variable named "group".'),
        ('context = target["t"]', "2,11-22: Invalid expression; cannot traverse target without attribute"),
        (
            "context = target.nope",
            '2,17-22: Unsupported attribute; This object does not have an attribute named "nope".',
        ),
        (
            "context = target.u.nope",
            '2,19-24: Unsupported attribute; This object does not have an attribute named "nope".',
        ),
    ],
)
def test_wrong_references_to_blocks(text: str, wanted: str) -> None:
    assert refused(f'target "t" {{\n{text}\n}}\ntarget "u" {{}}\n') == [f"f.hcl:{wanted}"]


def test_a_header_cannot_refer_to_blocks() -> None:
    header = 'target "t" {\nname = "x-${%s}"\nmatrix = { a = [1] }\n}\ntarget "u" {}'
    assert refused(header % "target") == [
        "f.hcl:2,8-21: Invalid expression; cannot access target as a variable"
    ]
    assert [line.partition(";")[0] for line in refused(header % "target.u.context")] == [
        "f.hcl:2,19-21: Unsupported attribute"
    ]


def test_the_nearest_block_is_the_hint() -> None:
    text = 'target "t" { context = target.basse.context }\ntarget "base" {}'
    assert refusals(text)[0].hint == 'Did you mean "base"?'
    assert refusals('target "t" { context = targt.t.args }')[0].hint == 'Did you mean "target"?'


def test_variables_cannot_refer_to_blocks() -> None:
    assert refused('variable "v" { default = target.t.context }\ntarget "t" {}') == [
        'f.hcl:1,26-32: Unknown variable; There is no variable named "target".'
    ]


def test_names_that_nobody_uses_are_evaluated_all_the_same() -> None:
    assert (
        len(
            refused(
                'variable "v" { default = nope }\ng = nada\nfunction "f" {\n params = []\n result = zilch\n}'
            )
        )
        == 3
    )


def test_long_chains_of_variables() -> None:
    count = 3000
    chain = "".join(f'variable "v{number}" {{ default = v{number - 1} }}\n' for number in range(count, 0, -1))
    found = config(f'{chain}variable "v0" {{ default = "end" }}\n')
    assert plain(found.variables[0].value) == "end"


def test_values_that_grow_too_deep_are_refused_where_they_do() -> None:
    chain = "".join(f'variable "v{number}" {{ default = [v{number - 1}] }}\n' for number in range(1, 150))
    (fault,) = refused(f'variable "v0" {{}}\n{chain}target "t" {{ output = v149 }}')
    assert fault == "f.hcl:101,29-34: Value too deep; The lists and maps of a value may nest 100 levels deep."


def test_what_a_run_brings_along() -> None:
    host = Host(environment={"A": "1"}, platform=Platform("linux", "arm64"))
    found = overrides(host, {"B": "2"}, command_context="git://x")
    assert found.builtin == {"BAKE_CMD_CONTEXT": "git://x", "BAKE_LOCAL_PLATFORM": "linux/arm64"}
    assert (found.variables, found.environment) == ({"B": "2"}, {"A": "1"})
