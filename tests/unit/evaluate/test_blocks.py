from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bake.errors import DefinitionError
from bake.evaluate.evaluate import evaluate
from bake.evaluate.schema import AttributeSchema, BlockSchema, overrides
from bake.evaluate.types import STRING, List, Map
from bake.evaluate.values import whole
from bake.host import Host
from bake.source import Cause, Source
from bake.syntax import parse
from tests.fakes.evaluating import attribute, block, config, plain, refused

if TYPE_CHECKING:
    from bake.evaluate.config import Config, EvaluatedAttribute
    from bake.evaluate.values import Value


@pytest.mark.parametrize(
    ("text", "name", "wanted"),
    [
        ("tags = [1, true]", "tags", ["1", "true"]),
        ("tags = []", "tags", []),
        ("tags = null", "tags", None),
        ("args = { b = 1, a = null }", "args", {"a": None, "b": "1"}),
        ('pull = "true"', "pull", True),
        ("context = 1.5", "context", "1.5"),
        ("output = [1, { a = true }]", "output", [1, {"a": True}]),
    ],
)
def test_attributes_become_what_the_schema_wants(text: str, name: str, wanted: Any) -> None:
    assert attribute(f'target "t" {{ {text} }}', f"target.t.{name}") == wanted


def test_types_are_the_schemas() -> None:
    found = config('target "t" {\n  tags = ["a"]\n  args = { a = "b" }\n}').targets[0].attributes
    assert (found["tags"].value.type, found["args"].value.type) == (List(STRING), Map(STRING))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            "tags = [[]]",
            "2,8-9: Unsuitable value type; Unsuitable value: element 0: string required, but have tuple",
        ),
        (
            'tags = "a"',
            "2,9-10: Unsuitable value type; Unsuitable value: list of string required, but have string",
        ),
        ("pull = 1", "2,8-9: Unsuitable value type; Unsuitable value: bool required, but have number"),
        ("tags = [null]", "2,8-9: Unsuitable value type; Unsuitable value: null value is not allowed"),
        (
            "contexts = { a = null }",
            "2,12-13: Unsuitable value type; Unsuitable value: null value is not allowed",
        ),
        ("description = null", "2,15-19: Unsuitable value type; Unsuitable value: null value is not allowed"),
        ("context = nope", '2,11-15: Unknown variable; There is no variable named "nope".'),
    ],
)
def test_faults(text: str, wanted: str) -> None:
    assert refused(f'target "t" {{\n{text}\n}}\n') == [f"f.hcl:{wanted}"]


def test_a_required_attribute() -> None:
    assert refused('group "g" {}') == [
        'f.hcl:1,11-11: Missing required argument; The argument "targets" is required, but no definition '
        "was found."
    ]


def test_one_fault_does_not_hide_the_next() -> None:
    text = 'variable "v" { default = nope }\ntarget "t" {\n  context = nada\n  tags = 1\n}\n'
    text += 'target "u" { context = zilch }\n'
    assert [line.split(":")[1] for line in refused(text)] == ["1,26-30", "3,13-17", "4,10-11", "6,24-29"]


def test_what_refers_to_a_faulty_name_is_no_further_fault() -> None:
    text = 'variable "v" { default = nope }\ntarget "t" {\n  context = v\n  tags = [v, "${v}"]\n}\n'
    assert len(refused(text)) == 1


def test_faults_of_a_matrix_are_told_once() -> None:
    text = 'target "t" {\n  matrix = { x = ["a", "b"] }\n  name = x\n  context = nope\n}\n'
    assert len(refused(text)) == 1


def test_matrix_members() -> None:
    text = 'target "t" {\n  matrix = { x = ["a", "b"] }\n  name = "t-${x}"\n  context = "${x}/"\n}\n'
    found = config(text)
    assert [(one.name, one.label, plain(one.attributes["context"].value)) for one in found.targets] == [
        ("t-a", "t", "a/"),
        ("t-b", "t", "b/"),
    ]
    assert [one.matrix and plain(one.matrix["x"]) for one in found.targets] == ["a", "b"]
    assert found.matrix_groups == {"t": ("t-a", "t-b")}


def test_a_block_without_a_matrix_is_no_group() -> None:
    found = config('target "t" {}')
    assert (found.targets[0].matrix, found.matrix_groups) == (None, {})


def test_a_matrix_of_what_is_at_fault_is_told_once() -> None:
    text = 'variable "v" { default = nope }\ntarget "t" {\n  matrix = { x = [v] }\n  name = x\n}\n'
    assert refused(text) == ['f.hcl:1,26-30: Unknown variable; There is no variable named "nope".']


def test_unknown_attributes_and_blocks_are_warnings_and_not_evaluated() -> None:
    found = config('target "t" {\n  contxt = nope\n  args { a = nada }\n  completely_else = 1\n}\n')
    assert [(str(one), one.hint) for one in found.warnings] == [
        (
            'f.hcl:2,3-9: Unsupported argument; An argument named "contxt" is not expected here.',
            'Did you mean "context"?',
        ),
        (
            'f.hcl:4,3-18: Unsupported argument; An argument named "completely_else" is not expected here.',
            None,
        ),
        (
            'f.hcl:3,3-7: Unsupported block type; Blocks of type "args" are not expected here.',
            'Did you mean to define argument "args"? If so, use the equals sign.',
        ),
    ]


def test_unknown_attributes_of_a_variable_are_warnings() -> None:
    found = config('variable "v" { defualt = 1 }')
    assert [one.hint for one in found.warnings] == ['Did you mean "default"?']


def test_origins() -> None:
    text = 'variable "v" { default = "d" }\n'
    text += 'target "t" {\n  context = v\n  tags = ["${v}"]\n  description = "${v}"\n}\n'
    found = block(config(text, environment={"v": "e"}), "target", "t").attributes
    assert found["tags"].origin.cause is Cause.BLOCK
    assert str(found["tags"].origin.span) == "f.hcl:4,10-18"
    for name in ("context", "description"):
        assert (found[name].origin.cause, found[name].origin.detail) == (Cause.ENVIRONMENT, "v")
    assert block(config(text), "target", "t").attributes["context"].origin.cause is Cause.BLOCK


def seen_config(text: str) -> Config:
    """`output` is seen as the number of its elements, -1 if it is not there; an empty one is refused."""

    def seen(held: EvaluatedAttribute | None) -> Value:
        if held is None:
            return whole(-1)
        if not held.value.raw:
            raise DefinitionError("Empty output", held.syntax.value.span)
        return whole(len(held.value.raw))

    target = {"output": AttributeSchema(seen=seen), "context": AttributeSchema(STRING)}
    host = Host()
    files = [parse(Source("f.hcl", text, "hcl"))]
    return evaluate(files, {"target": BlockSchema(target)}, host, overrides(host, {}))


def test_a_reference_sees_what_the_schema_says() -> None:
    found = seen_config('target "t" { context = target.u.output }\ntarget "u" { output = [1, 2] }')
    assert [plain(block.attributes["context"].value) for block in found.targets[:1]] == ["2"]
    assert plain(found.targets[1].attributes["output"].value) == [1, 2]


def test_a_reference_sees_what_the_schema_says_of_an_absent_attribute() -> None:
    found = seen_config('target "t" { context = target.u.output }\ntarget "u" {}')
    assert plain(found.targets[0].attributes["context"].value) == "-1"


def test_a_fault_of_what_is_seen_is_told_once() -> None:
    with pytest.raises(DefinitionError) as told:
        seen_config('target "t" { context = target.u.output }\ntarget "u" { output = [] }')
    assert str(told.value) == "f.hcl:2,23-25: Empty output"
