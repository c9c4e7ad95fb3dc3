"""What `--print` and `--list` show (docs/bake-reference.md, commands/bake.go of buildx)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bake.errors import UsageError
from bake.host import Host
from bake.model.flags import Selection
from bake.model.merge import merge_definitions
from bake.model.printing import ListFormat, encode, encode_list, parse_list, printed_target
from bake.model.selection import select
from bake.model.target import Definition
from tests.fakes.defining import defined

EVERYTHING = """
target "t" {
  policy           = ["filename=p.rego"]
  extra-hosts      = { h = "1.2.3.4" }
  entitlements     = ["network.host"]
  call             = "check"
  resources        = { memory = "1g" }
  ulimits          = ["nofile=1"]
  shm-size         = "1m"
  no-cache-filter  = ["s"]
  network          = "none"
  no-cache         = true
  pull             = false
  output           = ["type=docker"]
  platforms        = ["linux/amd64"]
  ssh              = ["default"]
  secret           = ["id=a"]
  target           = "s"
  cache-to         = ["x"]
  cache-from       = ["y"]
  tags             = ["n"]
  labels           = { b = "2", a = "1" }
  args             = { B = "2", A = "1" }
  dockerfile-inline = "FROM x"
  dockerfile       = "D"
  contexts         = { c = "d" }
  context          = "."
  attest           = ["type=sbom"]
  annotations      = ["k=v"]
  description      = "d"
}
"""


def printed(text: str, *names: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(encode(select(defined(text), Selection(names), Host())))
    return found


def test_the_order_of_a_targets_fields_is_the_references() -> None:
    assert list(printed(EVERYTHING, "t")["target"]["t"]) == [
        "description",
        "annotations",
        "attest",
        "context",
        "contexts",
        "dockerfile",
        "dockerfile-inline",
        "args",
        "labels",
        "tags",
        "cache-from",
        "cache-to",
        "target",
        "secret",
        "ssh",
        "platforms",
        "output",
        "pull",
        "no-cache",
        "network",
        "no-cache-filter",
        "shm-size",
        "ulimits",
        "resources",
        "call",
        "entitlements",
        "extra-hosts",
        "policy",
    ]


WHOLE = """{
  "group": {
    "default": {
      "targets": [
        "a",
        "b"
      ]
    }
  },
  "target": {
    "a": {
      "context": ".",
      "dockerfile": "Dockerfile",
      "tags": [
        "\\u003cx\\u003e"
      ]
    },
    "b": {
      "context": ".",
      "dockerfile": "Dockerfile"
    }
  }
}"""


def test_the_whole_text() -> None:
    text = 'group "default" {\n  targets = ["b", "a"]\n}\ntarget "a" {\n  tags = ["<x>"]\n}\ntarget "b" {}\n'
    assert encode(select(defined(text), Selection(), Host())) == WHOLE


def test_a_definition_of_nothing() -> None:
    text = 'group "default" {\n  targets = []\n}\n'
    assert printed(text) == {"group": {"default": {"targets": []}}, "target": {}}


@pytest.mark.parametrize(
    ("field", "escaped"),
    [
        ('args = { A = "$${x}%%{y}" }', {"args": {"A": "$${x}%%{y}"}}),
        ('labels = { A = "$${x}" }', {"labels": {"A": "$${x}"}}),
        ('annotations = ["a=$${x}"]', {"annotations": ["a=$${x}"]}),
        ('dockerfile-inline = "$${x}"', {"dockerfile-inline": "$${x}"}),
        ('extra-hosts = { a = "%%{x}" }', {"extra-hosts": {"a": "%%{x}"}}),
        ('tags = ["$${x}"]', {"tags": ["${x}"]}),
        ('target = "%%{x}"', {"target": "%{x}"}),
        ('args = { "$${k}" = "v" }', {"args": {"${k}": "v"}}),
    ],
)
def test_templates_are_escaped_where_the_reference_does(field: str, escaped: dict[str, Any]) -> None:
    assert printed_target(defined(f'target "t" {{\n  {field}\n}}\n').targets["t"]) == escaped


LISTED = """
variable "UNSET" { type = string }
variable "NAME" {
  default     = "a\\"b"
  description = "whose"
}
variable "LIST" {
  type    = list(string)
  default = ["x", "<y>"]
}
variable "TEXT" {
  type    = string
  default = "plain"
}
variable "NUMBER" { default = 1.5 }
group "all" {
  description = "everything"
  targets     = ["b", "a"]
}
group "none" { targets = [] }
target "a" { description = "first" }
target "b" {}
target "_private" {}
"""


def test_targets_are_listed() -> None:
    assert encode_list(defined(LISTED), ListFormat("targets", "table")) == (
        "TARGET\tDESCRIPTION\na\tfirst\nall\teverything (a, b)\nb\t\nnone\t"
    )
    assert json.loads(encode_list(defined(LISTED), ListFormat("targets", "json"))) == [
        {"name": "a", "description": "first"},
        {"name": "all", "description": "everything (a, b)", "group": True},
        {"name": "b"},
        {"name": "none", "group": True},
    ]


def test_a_group_that_a_matrix_shares_its_name_with_is_listed_twice() -> None:
    """A group finds the first of a name, listing tells all (printTargetList of buildx 0.36.1)."""
    twice = defined(
        'group "g" { targets = ["t"] }\ntarget "t" {}\n'
        'target "g" {\n  name = "v${n}"\n  matrix = { n = ["1", "2"] }\n}\n'
    )
    assert json.loads(encode_list(twice, ListFormat("targets", "json"))) == [
        {"name": "g", "description": "t", "group": True},
        {"name": "g", "description": "v1, v2", "group": True},
        {"name": "t"},
        {"name": "v1"},
        {"name": "v2"},
    ]


def test_variables_are_listed() -> None:
    assert json.loads(encode_list(defined(LISTED), ListFormat("variables", "json"))) == [
        {"name": "LIST", "type": "list of string", "value": '["x","\\u003cy\\u003e"]'},
        {"name": "NAME", "description": "whose", "value": 'a"b'},
        {"name": "NUMBER", "value": "1.5"},
        {"name": "TEXT", "type": "string", "value": "plain"},
        {"name": "UNSET", "type": "string"},
    ]
    assert encode_list(defined(LISTED), ListFormat("variables", "table")).splitlines()[-1] == (
        "UNSET\t\tstring\t\t<null>\t\t\t"
    )


def test_lists_of_nothing() -> None:
    assert encode_list(defined(""), ListFormat("targets", "json")) == "null"
    assert encode_list(defined(""), ListFormat("variables", "json")) == "[]"
    assert encode_list(Definition(), ListFormat("variables", "json")) == "null"
    assert (
        encode_list(merge_definitions([Definition(), defined("")]), ListFormat("variables", "json")) == "[]"
    )


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("targets", ListFormat("targets", "table")),
        ("type=variables", ListFormat("variables", "table")),
        ("TYPE=targets,format=json", ListFormat("targets", "json")),
    ],
)
def test_what_a_list_is_asked_for(text: str, wanted: ListFormat) -> None:
    assert parse_list(text) == wanted


@pytest.mark.parametrize(
    ("text", "summary"),
    [
        ("bogus", 'invalid list type "bogus"'),
        ("format=json", 'invalid list type "format=json"'),
        ("TYPE=targets", 'invalid list type "TYPE=targets"'),
        ("format=json,format=json", 'invalid list type ""'),
        ("type=targets,format=xml", 'invalid list format "xml"'),
        ("type=targets,x=y", "unexpected key 'x' in 'x=y'"),
        ("targets,json", "invalid value targets"),
    ],
)
def test_what_no_list_can_be_asked_for(text: str, summary: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_list(text)
    assert caught.value.summary == summary
