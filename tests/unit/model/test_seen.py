"""What a reference to another target's entries sees."""

from __future__ import annotations

import pytest

from bake.api.definition import Reading, load
from bake.host import Host
from bake.model.flags import Selection
from bake.model.selection import select
from bake.source import Source

TARGETS = """
target "x" {
  output = ["type=local,dest=o", "out", {type = "image", push = true}]
  cache-from = ["user/app:c", {type = "gha"}]
  attest = ["type=sbom", "type=provenance,disabled=true"]
  secret = ["id=a,src=b", "type=env,id=z,src=Q"]
  ssh = ["default", {id = "k", paths = ["a", "b"]}]
  policy = [{filename = "p.rego", strict = true}]
  resources = {memory = "1g", cpu-shares = 2}
}
target "none" {}
"""


def seen(expression: str) -> str:
    text = TARGETS + f'target "y" {{\n  args = {{ it = jsonencode({expression}) }}\n}}\n'
    definition = load([Source("f.hcl", text, "hcl")], Host(), Reading({}))
    return definition.targets["y"].args["it"]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("target.x.output[0]", '{"dest":"o","type":"local"}'),
        ("target.x.output[1]", '{"dest":"out","type":"local"}'),
        ("target.x.output[2]", '{"dest":"","push":"true","type":"image"}'),
        ("target.x.cache-from", '[{"ref":"user/app:c","type":"registry"},{"type":"gha"}]'),
        ("target.x.attest", '[{"type":"sbom"},{"disabled":"true","type":"provenance"}]'),
        ("target.x.secret[1]", '{"env":"Q","id":"z","src":""}'),
        ("target.x.ssh", '[{"id":"default","paths":[]},{"id":"k","paths":["a","b"]}]'),
        ("target.x.policy", '[{"filename":"p.rego","strict":"true"}]'),
        ("target.x.resources.memory", '"1g"'),
        ("target.x.resources.cpu-shares", "2"),
        ("target.x.resources.cpu-quota", "null"),
    ],
)
def test_entries_are_seen_in_their_object_form(expression: str, expected: str) -> None:
    assert seen(expression) == expected


@pytest.mark.parametrize(
    ("attribute", "expected"),
    [
        *((name, "[]") for name in ("output", "cache-from", "cache-to", "attest", "secret", "ssh", "policy")),
        *((name, "null") for name in ("tags", "resources", "context")),
        ("description", '""'),
    ],
)
def test_what_is_not_there_is_empty_or_null(attribute: str, expected: str) -> None:
    assert seen(f"target.none.{attribute}") == expected


def test_all_entries_of_a_list_have_one_type() -> None:
    assert seen("[for one in target.x.output : one.type]") == '["local","local","image"]'


@pytest.mark.parametrize("attribute", ["output", "cache-to"])
def test_an_empty_list_of_one_parent_takes_nothing_from_another(attribute: str) -> None:
    text = f"""
    target "a" {{ {attribute} = ["type=local,dest=o"] }}
    target "b" {{ {attribute} = [] }}
    target "c" {{ inherits = ["a", "b"] }}
    """
    host = Host()
    definition = load([Source("f.hcl", text, "hcl")], host, Reading({}))
    chosen = select(definition, Selection(targets=("c",)), host).targets["c"]
    assert [entry.type for entry in getattr(chosen, attribute.replace("-", "_"))] == ["local"]
