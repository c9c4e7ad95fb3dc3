"""What a later file's target does to an earlier one's, field by field (docs/bake-reference.md of buildx)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bake.errors import DefinitionError
from bake.host import Host
from bake.model.flags import Selection
from bake.model.merge import merge_definitions
from bake.model.printing import printed_target
from bake.model.selection import select
from bake.model.target import Definition, Group
from tests.fakes.defining import defined

IMPLIED = {"context": ".", "dockerfile": "Dockerfile"}


def merged(*bodies: str) -> dict[str, Any]:
    """Target `t` of several files, as it is printed, less what every target has."""
    definition = defined(*(f'target "t" {{\n{body}\n}}\n' for body in bodies))
    printed = printed_target(select(definition, Selection(("t",)), Host()).targets["t"])
    return {key: value for key, value in printed.items() if IMPLIED.get(key) != value}


REPLACED = [
    ('context = "a"', 'context = "b"', {"context": "b"}),
    ('dockerfile = "a"', 'dockerfile = "b"', {"dockerfile": "b"}),
    ('dockerfile-inline = "FROM a"', 'dockerfile-inline = "FROM b"', {"dockerfile-inline": "FROM b"}),
    ('tags = ["a"]', 'tags = ["b"]', {"tags": ["b"]}),
    ('target = "a"', 'target = "b"', {"target": "b"}),
    ('platforms = ["linux/amd64"]', 'platforms = ["linux/arm64"]', {"platforms": ["linux/arm64"]}),
    ('cache-to = ["a"]', 'cache-to = ["b"]', {"cache-to": [{"ref": "b", "type": "registry"}]}),
    ('output = ["type=docker"]', 'output = ["type=image"]', {"output": [{"type": "image"}]}),
    ("pull = true", "pull = false", {"pull": False}),
    ("no-cache = true", "no-cache = false", {"no-cache": False}),
    ('network = "none"', 'network = "default"', {"network": "default"}),
    ('shm-size = "1m"', 'shm-size = "2m"', {"shm-size": "2m"}),
    ('description = "a"', 'description = "b"', {"description": "b"}),
]
APPENDED = [
    ('annotations = ["a=1"]', 'annotations = ["b=2"]', {"annotations": ["a=1", "b=2"]}),
    ('no-cache-filter = ["a"]', 'no-cache-filter = ["b"]', {"no-cache-filter": ["a", "b"]}),
    ('ulimits = ["nofile=1"]', 'ulimits = ["core=2"]', {"ulimits": ["nofile=1", "core=2"]}),
    ('entitlements = ["a"]', 'entitlements = ["b"]', {"entitlements": ["a", "b"]}),
]
BY_KEY = [
    ('args = { A = "1", B = "1" }', 'args = { B = "2" }', {"args": {"A": "1", "B": "2"}}),
    ('args = { A = "1" }', "args = { A = null }", {"args": {"A": "1"}}),
    ('contexts = { a = "x" }', 'contexts = { b = "y" }', {"contexts": {"a": "x", "b": "y"}}),
    ('contexts = { a = "x" }', 'contexts = { a = "" }', {}),
    ('labels = { a = "1" }', 'labels = { b = "2" }', {"labels": {"a": "1", "b": "2"}}),
    ('extra-hosts = { a = "1" }', 'extra-hosts = { a = "2" }', {"extra-hosts": {"a": "2"}}),
    (
        'attest = ["type=sbom"]',
        'attest = ["type=sbom,disabled=true"]',
        {"attest": [{"disabled": True, "type": "sbom"}]},
    ),
    (
        'secret = ["id=a,env=X"]',
        'secret = ["id=b,env=Y"]',
        {"secret": [{"env": "X", "id": "a"}, {"env": "Y", "id": "b"}]},
    ),
    ('ssh = ["default"]', 'ssh = ["other"]', {"ssh": [{"id": "default"}, {"id": "other"}]}),
    (
        'cache-from = ["a"]',
        'cache-from = ["b"]',
        {"cache-from": [{"ref": "a", "type": "registry"}, {"ref": "b", "type": "registry"}]},
    ),
]
EMPTIED = [
    ('tags = ["a"]', "tags = []", {}),
    ('output = ["type=docker"]', "output = []", {}),
    ('cache-from = ["a"]', "cache-from = []", {"cache-from": [{"ref": "a", "type": "registry"}]}),
    ('cache-to = ["a"]', "cache-to = []", {}),
    ('attest = ["type=sbom"]', "attest = []", {"attest": [{"type": "sbom"}]}),
    ('secret = ["id=a,env=X"]', "secret = []", {"secret": [{"env": "X", "id": "a"}]}),
]


@pytest.mark.parametrize(("first", "second", "wanted"), [*REPLACED, *APPENDED, *BY_KEY, *EMPTIED])
def test_a_later_file(first: str, second: str, wanted: dict[str, Any]) -> None:
    assert merged(first, second) == wanted


@pytest.mark.parametrize(("body", "wanted"), [(second, wanted) for _, second, wanted in REPLACED])
def test_what_is_given_once_stays(body: str, wanted: dict[str, Any]) -> None:
    assert merged(body) == merged("", body) == merged(body, "") == wanted


BODIES = st.sampled_from([body for row in (*REPLACED, *APPENDED, *BY_KEY, *EMPTIED) for body in row[:2]])


@given(st.lists(BODIES, min_size=3, max_size=3))
def test_merging_is_associative(bodies: list[str]) -> None:
    """Three files give what the third gives over the printed merge of the first two."""
    first, second, third = bodies
    whole = merged(first, second, third)
    inherited = defined(
        f'target "one" {{\n{first}\n}}\ntarget "t" {{\ninherits = ["one"]\n{second}\n}}\n',
        f'target "t" {{\n{third}\n}}\n',
    )
    printed = printed_target(select(inherited, Selection(("t",)), Host()).targets["t"])
    assert {key: value for key, value in printed.items() if IMPLIED.get(key) != value} == whole


def test_definitions_become_one() -> None:
    warned = DefinitionError("mind the gap", None)
    first = defined(
        'variable "A" { default = "1" }\ntarget "app" { tags = ["a"] }\ngroup "all" { targets = ["app"] }'
    ).model_copy(update={"warnings": (warned,)})
    second = defined(
        'variable "B" { default = "2" }\ntarget "app" { target = "run" }\ntarget "db" {}\n'
        'group "all" { targets = ["db"] }'
    )
    whole = merge_definitions([first, second])
    assert list(whole.targets) == ["app", "db"]
    assert (whole.targets["app"].tags, whole.targets["app"].target) == (("a",), "run")
    assert whole.groups["all"].targets == ("db",)
    assert [variable.name for variable in whole.variables or ()] == ["A", "B"]
    assert whole.warnings == (warned, *second.warnings)


MATRIX = 'target "default" {\n  name = "v${n}"\n  matrix = { n = ["1", "2"] }\n}\n'
COMPOSE = Definition.trusted(groups={"default": Group.trusted(name="default", targets=("web",))})


def test_the_group_of_a_matrix_gives_way_to_an_earlier_file() -> None:
    """A group that is written replaces one (bake.ParseFiles of buildx 0.36.1)."""
    whole = merge_definitions([COMPOSE, defined(MATRIX)])
    assert whole.groups["default"].targets == ("web",)
    assert [group.targets for group in whole.hidden] == [("v1", "v2")]
    written = merge_definitions([COMPOSE, defined(MATRIX + 'group "default" { targets = ["v2"] }')])
    assert written.groups["default"].targets == ("v2",)
    assert [group.targets for group in written.hidden] == [("v1", "v2")]


def test_the_group_of_a_matrix_stands_where_there_is_no_other() -> None:
    whole = merge_definitions([Definition.trusted(), defined(MATRIX)])
    assert (whole.groups["default"].targets, whole.hidden) == (("v1", "v2"), ())


def test_definitions_of_compose_alone_declare_no_variables() -> None:
    compose = Definition.trusted(targets={}, groups={})
    assert merge_definitions([compose]).variables is None
    assert merge_definitions([compose, defined("")]).variables == ()
