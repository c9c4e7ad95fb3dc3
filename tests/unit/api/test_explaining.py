"""Explanations: each value's place and cause, the ways to a target, nodes, caches, and no secret."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

import bake
from bake.api.explaining import Nodes, explain, names_of, nodes_of
from bake.errors import UsageError
from bake.explanation import Explanation, Place, RunsOn
from tests.fakes.planning import engine, node

if TYPE_CHECKING:
    from pathlib import Path

    from bake.host import Host

FILE = """\
variable "TAG" { default = "dev" }
variable "KEPT" { default = "me" }
group "default" { targets = ["all"] }
group "all" { targets = ["app", "tools"] }
target "_common" {
  args = { A = "1" }
  cache-from = ["type=registry,ref=me/cache"]
  cache-to = ["type=s3,region=eu,bucket=b,secret_access_key=hunter2,access_key_id=AKIA"]
}
target "base" {
  inherits = ["_common"]
}
target "app" {
  inherits = ["_common"]
  contexts = { base = "target:base" }
  tags = ["${KEPT}/app:${TAG}", "fixed"]
}
target "tools" {
  name = "tools-${kind}"
  matrix = { kind = ["slim", "full"] }
  target = kind
}
target "alone" {}
"""
OVERRIDE = 'target "app" {\n  context = "src"\n}\n'
ENVIRONMENT = {"TAG": "ci", "HOME": "/nowhere"}


@pytest.fixture
def host(tmp_path: Path) -> Host:
    (tmp_path / "docker-bake.hcl").write_text(FILE)
    (tmp_path / "docker-bake.override.hcl").write_text(OVERRIDE)
    return bake.this_machine(ENVIRONMENT, str(tmp_path))


def explained(host: Host, name: str, nodes: Nodes | None = None, **choices: Any) -> Explanation:
    whole = bake.load(host=host, cache=False)
    chosen = bake.select(whole, name, host=host, **choices)
    return explain(whole, chosen, name, nodes or Nodes(unknown="nobody answers"), host)


def told(one: Explanation) -> dict[str, tuple[str, str, str]]:
    """By path: value, cause and place."""
    return {
        each.path: (each.text, f"{each.cause} {each.detail}".strip(), str(each.place or ""))
        for each in one.values
    }


def test_every_value_has_its_cause_and_its_line(host: Host) -> None:
    values = told(explained(host, "app", set={"app.args.B": "2"}, push=True))

    assert values["context"] == ("src", "override file", "docker-bake.override.hcl:2")
    assert values["dockerfile"] == ("Dockerfile", "default", "")
    assert values["args.A"] == ("1", "inherited from _common", "docker-bake.hcl:6")
    assert values["args.B"] == ("2", "--set app.args.B=2", "")
    assert values["tags[0]"] == ("me/app:ci", "block", "docker-bake.hcl:16")
    assert values["tags[1]"] == ("fixed", "block", "docker-bake.hcl:16")
    assert values["output[0]"][1] == "flag --push"


def test_variables_are_told_with_who_set_them(host: Host) -> None:
    tag = next(one for one in explained(host, "app").values if one.path == "tags[0]")

    assert [(one.name, one.value, one.cause, str(one.place)) for one in tag.variables] == [
        ("KEPT", "me", "default", "docker-bake.hcl:2"),
        ("TAG", "ci", "environment", "docker-bake.hcl:1"),
    ]


def test_the_ways_to_a_target_are_groups_and_contexts(host: Host) -> None:
    assert [way.steps for way in explained(host, "app").reasons] == [(("default", "group"), ("all", "group"))]
    assert [way.steps for way in explained(host, "base").reasons] == [
        (("default", "group"), ("all", "group"), ("app", "context base"))
    ]
    assert explained(host, "alone").reasons == ()


def test_a_member_of_a_matrix_is_in_its_group(host: Host) -> None:
    assert ("tools", "group") in explained(host, "tools-slim").reasons[0].steps


def test_a_circle_of_groups_is_no_way_without_an_end(host: Host, tmp_path: Path) -> None:
    (tmp_path / "docker-bake.hcl").write_text(
        'group "a" { targets = ["b", "app"] }\ngroup "b" { targets = ["a"] }\ntarget "app" {}\n'
    )
    assert [way.steps for way in explained(host, "app").reasons] == [(("b", "group"), ("a", "group"))]


def test_without_an_engine_the_node_is_unknown(host: Host) -> None:
    one = explained(host, "app")

    assert (one.runs_on, one.unknown) == ((), "nobody answers")


def test_the_node_and_emulation_are_told(host: Host) -> None:
    nodes = Nodes([node("far", "linux/amd64", "linux/arm64")])
    one = explained(host, "app", nodes, set={"app.platform": "linux/amd64,linux/arm64"})

    assert one.runs_on == (RunsOn("far", "linux/amd64"), RunsOn("far", "linux/arm64", emulated=True))


def test_a_node_that_only_a_build_would_start_is_left_asleep(tmp_path: Path) -> None:
    environment = {"HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path), "BUILDX_CONFIG": str(tmp_path)}
    builder = {"Name": "mine", "Driver": "local", "Nodes": [{"Name": "mine0", "Endpoint": "local"}]}
    (tmp_path / "instances").mkdir()
    (tmp_path / "instances/mine").write_text(json.dumps(builder))

    nodes = nodes_of(bake.this_machine(environment, str(tmp_path)), "mine")

    assert nodes.unknown == "mine0 does not run yet: a build starts it"


def test_caches_are_told_with_their_line_and_without_their_secrets(host: Host) -> None:
    one = explained(host, "app")

    assert [(each.entry, each.place) for each in one.reads] == [("me/cache", Place("docker-bake.hcl", 7, 17))]
    assert "region=eu" in one.writes[0].entry
    assert not {"hunter2", "AKIA"} & set(str(one).replace(",", "=").split("="))


def test_a_cache_that_a_node_cannot_write_is_told(host: Host) -> None:
    one = explained(
        host, "app", Nodes([engine("old", store="graphdriver")]), set={"app.cache-to": "type=local,dest=c"}
    )

    assert "on old" in one.writes[0].remark


def test_all_that_was_chosen_is_explained_but_what_is_only_linked(host: Host) -> None:
    chosen = bake.select(bake.load(host=host, cache=False), host=host)

    assert names_of((), chosen) == ["app", "tools-slim", "tools-full"]
    assert names_of(("base",), chosen) == ["base"]


def test_a_target_that_was_not_chosen_is_an_error(host: Host) -> None:
    whole = bake.load(host=host, cache=False)
    with pytest.raises(UsageError, match="failed to find target tools"):
        explain(whole, bake.select(whole, "app", host=host), "tools", Nodes(), host)


def test_a_rendered_file_is_told_by_its_template(host: Host, tmp_path: Path) -> None:
    (tmp_path / "docker-bake.hcl").unlink()
    (tmp_path / "docker-bake.hcl.j2").write_text(
        '{% for name in ["app", "b"] %}\ntarget "{{ name }}" {\n  tags = ["{{ name }}"]\n}\n{% endfor %}\n'
    )
    assert told(explained(host, "b"))["tags[0]"][2] == "docker-bake.hcl.j2:3"
