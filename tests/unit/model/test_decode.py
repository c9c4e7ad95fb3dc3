"""Blocks to targets: gohcl's faults at the place they are at, and what values become."""

from __future__ import annotations

from typing import Any

import pytest

from bake.api.definition import Reading
from bake.errors import BakeError, DefinitionError, flatten
from bake.model.fields import FIELDS
from bake.model.printing import printed_target
from bake.model.target import Target
from tests.fakes.defining import defined


def faults(text: str, reading: Reading | None = None) -> list[str]:
    """What is wrong with `text`, as `line,column-end: summary; detail`."""
    with pytest.raises((BakeError, ExceptionGroup)) as caught:
        defined(text, reading=reading)
    return [str(fault).removeprefix("docker-bake.hcl:") for fault in flatten(caught.value)]


@pytest.mark.parametrize(
    ("attribute", "place", "problem"),
    [
        ("output = [\n  {},\n]", "2,10-11", "type is required for output"),
        ('output = ["a=b,c=d"]', "2,10-11", "type is required for output"),
        ("output = [1]", "2,10-11", "map of string required, but have number"),
        ('output = ["x", null]', "2,10-11", "null value is not allowed"),
        ("output = [{type = null}]", "2,10-11", "null value is not allowed"),
        ('output = "x"', "2,11-12", "list of map of string required, but have string"),
        ('cache-from = [{ref = "a"}]', "2,14-15", 'type required for "{\\"ref\\":\\"a\\"}"'),
        ('attest = ["mode=max"]', "2,10-11", "attestation type not specified"),
        ('secret = ["bogus=1"]', "2,10-11", "unexpected key 'bogus' in 'bogus=1'"),
        ("secret = [1]", "2,10-11", "object required, but have number"),
        ('ssh = [{paths = "x"}]', "2,7-8", 'attribute "paths": list of string required, but have string'),
        ("policy = [1]", "2,10-11", "map of string required, but have number"),
        ('policy = [{filename = ["x"]}]', "2,10-11", "string required, but have tuple"),
        ("resources = {cpu-shares = 1.5}", "2,13-14", "value must be a whole number"),
        (
            "resources = {cpu-shares = 1e30}",
            "2,13-14",
            "value must be between -9223372036854775808 and 9223372036854775807 inclusive",
        ),
        ('resources = {cpu-quota = "x"}', "2,13-14", "a number is required"),
        ("tags = [null]", "2,8-9", "null value is not allowed"),
        ("description = null", "2,15-19", "null value is not allowed"),
        ("output = null", "2,10-14", "null value is not allowed"),
        ("args = { A = {} }", "2,8-9", 'element "A": string required, but have object'),
    ],
)
def test_an_unsuitable_value(attribute: str, place: str, problem: str) -> None:
    text = f'target "t" {{\n{attribute}\n}}\n'
    assert faults(text) == [f"{place}: Unsuitable value type; Unsuitable value: {problem}"]


def test_every_bad_entry_is_told() -> None:
    text = 'target "a" {\n  output = ["x=y,z", {}]\n}\ntarget "b" {\n  secret = ["q"]\n}\n'
    assert [fault.split(":")[0] for fault in faults(text)] == ["2,12-13", "2,12-13", "5,12-13"]


def test_members_of_a_matrix_share_a_fault() -> None:
    text = 'target "t" {\n  name = "t${v}"\n  matrix = { v = ["1", "2"] }\n  output = [{}]\n}\n'
    assert len(faults(text)) == 1


@pytest.mark.parametrize(
    ("attribute", "printed"),
    [
        ("args = { A = 1.5, B = true, C = null }", {"args": {"A": "1.5", "B": "true"}}),
        ('output = ["", "type=tar"]', {"output": [{"dest": "-", "type": "tar"}]}),
        ('output = ["type=oci,tar=false"]', {"output": [{"tar": "false", "type": "oci"}]}),
        ('cache-to = ["", "a,b"]', {"cache-to": [{"ref": ref, "type": "registry"} for ref in "ab"]}),
        ('secret = [{ id = "a", src = null, type = "x" }]', {"secret": [{"id": "a"}]}),
        ('ssh = [{ id = "a", paths = ["b"] }]', {"ssh": [{"id": "a", "paths": ["b"]}]}),
        ('resources = { memory = "1g", cpu-quota = "5" }', {"resources": {"memory": "1g", "cpu-quota": 5}}),
        ("resources = null", {}),
        ("tags = null", {}),
        ("context = null", {}),
        ("labels = null", {}),
        ("pull = false", {"pull": False}),
        ('network = ""', {"network": ""}),
        ('attest = [{ type = "sbom", disabled = true }]', {"attest": [{"disabled": True, "type": "sbom"}]}),
    ],
)
def test_what_values_become(attribute: str, printed: dict[str, Any]) -> None:
    target = defined(f'target "t" {{\n{attribute}\n}}\n').targets["t"]
    assert printed_target(target) == printed


def test_unknown_attributes_are_warned_of_with_the_nearest_name() -> None:
    text = 'target "t" {\n  tgas = ["x"]\n}\n'
    (warning,) = defined(text).warnings
    assert "tgas" in str(warning)
    assert warning.span.line == 2
    assert "tags" in (warning.hint or "")


def test_strict_makes_an_error_of_it() -> None:
    with pytest.raises(DefinitionError, match="tgas"):
        defined('target "t" {\n  tgas = ["x"]\n}\n', reading=Reading(strict=True))


def test_groups_are_replaced_whole_and_name_each_member_once() -> None:
    first = 'group "g" {\n  description = "d"\n  targets = ["a", "b", "a"]\n}\n'
    assert defined(first).groups["g"].targets == ("a", "b")
    later = defined(first, 'group "g" {\n  targets = ["c"]\n}\n').groups["g"]
    assert (later.targets, later.description) == (("c",), "")


def test_a_matrix_makes_a_group_unless_one_is_written() -> None:
    matrix = 'target "t" {\n  name = "t-${v}"\n  matrix = { v = ["2", "1"] }\n}\n'
    assert defined(matrix).groups["t"].targets == ("t-2", "t-1")
    assert defined(matrix, 'group "t" {\n  targets = ["t-1"]\n}\n').groups["t"].targets == ("t-1",)
    assert defined(matrix.replace('["2", "1"]', "[]")).groups == {}


def test_every_field_of_a_target_has_its_row() -> None:
    apart = {"name", "linked", "origins"}
    assert set(FIELDS) == set(Target.model_fields) - apart
