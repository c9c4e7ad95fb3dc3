"""Definitions from files, from mappings, from Python's own objects; changed, and selected."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from pydantic import ValidationError

import bake
from bake.errors import DefinitionError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from bake.host import Host

FILE = """\
variable "TAG" { default = "dev" }
group "default" { targets = ["app"] }
target "base" { args = { A = "1" } }
target "app" {
  inherits = ["base"]
  tags = ["me/app:${TAG}"]
}
"""


@pytest.fixture
def host(tmp_path: Path) -> Host:
    (tmp_path / "docker-bake.hcl").write_text(FILE)
    return bake.this_machine({"HOME": str(tmp_path)}, str(tmp_path))


def test_the_files_that_lie_here_are_found(host: Host) -> None:
    assert list(bake.load(host=host, cache=False).targets) == ["base", "app"]


def test_what_is_loaded_is_whole_and_unresolved(host: Host) -> None:
    definition = bake.load("docker-bake.hcl", host=host, cache=False)

    assert definition.targets["app"].args == {}
    assert not definition.selected


def test_a_mapping_is_laid_over_a_file_by_the_rules_of_files(host: Host) -> None:
    more = {"target": {"app": {"tags": ["x:${TAG}"]}}}

    definition = bake.load("docker-bake.hcl", more, variables={"TAG": "2"}, host=host, cache=False)

    assert definition.targets["app"].tags == ("x:2",)


def test_a_mapping_alone_looks_for_no_files(host: Host) -> None:
    assert list(bake.load({"target": {"only": {}}}, host=host, cache=False).targets) == ["only"]


def test_parts_are_merged_in_the_order_they_are_given(host: Host) -> None:
    first, last = ({"target": {"app": {"tags": [tag]}}} for tag in ("first", "last"))

    assert bake.load(first, "docker-bake.hcl", host=host, cache=False).targets["app"].tags == ("me/app:dev",)
    assert bake.load("docker-bake.hcl", last, host=host, cache=False).targets["app"].tags == ("last",)


def test_a_fault_in_a_mapping_says_where_it_is(host: Host) -> None:
    with pytest.raises(DefinitionError, match="<python>"):
        bake.load({"target": {"app": {"tags": "${NOWHERE}"}}}, host=host, cache=False)


def test_a_file_that_is_not_there_says_so(host: Host) -> None:
    with pytest.raises(UsageError, match=r"nowhere\.hcl"):
        bake.load("nowhere.hcl", host=host, cache=False)


def test_objects_make_a_definition_and_nothing_in_them_is_evaluated(host: Host) -> None:
    app = bake.Target(name="app", tags=["a:${NOT_HCL}"], output=["type=image"])
    definition = bake.define(app, bake.Group(name="all", targets=["app"]))

    chosen = bake.select(definition, "all", host=host)

    assert chosen.targets["app"].tags == ("a:${NOT_HCL}",)
    assert chosen.targets["app"].output[0].type == "image"


def test_selecting_inherits_and_changes(host: Host) -> None:
    definition = bake.load(host=host, cache=False)

    chosen = bake.select(definition, host=host, set={"app.args.B": "2"}, push=True)

    assert list(chosen.targets) == ["app"]
    assert chosen.targets["app"].args == {"A": "1", "B": "2"}
    assert chosen.targets["app"].output[0].attrs == {"push": "true"}
    assert chosen.selected


def test_selecting_what_was_selected_changes_nothing(host: Host) -> None:
    chosen = bake.select(bake.load(host=host, cache=False), host=host)

    assert json.loads(bake.printed(bake.select(chosen, host=host))) == json.loads(bake.printed(chosen))


def test_a_changed_target_is_a_new_one_that_was_checked(host: Host) -> None:
    definition = bake.load(host=host, cache=False)
    app = definition.targets["app"]

    changed = app.with_(tags=["one", "two"], no_cache=True)

    assert (app.tags, changed.tags) == (("me/app:dev",), ("one", "two"))
    assert changed.inherits == app.inherits
    chosen = bake.select(definition.with_(changed), host=host).targets["app"]
    assert (chosen.tags, chosen.no_cache, chosen.args) == (("one", "two"), True, {"A": "1"})
    with pytest.raises(ValidationError, match="nonsense"):
        app.with_(nonsense=1)  # type: ignore[call-arg]


def test_what_was_changed_has_no_origin_and_the_rest_keeps_it(host: Host) -> None:
    app = bake.load(host=host, cache=False).targets["app"]

    origins = app.with_(tags=["one", "two"]).origins

    assert "tags[0]" not in origins
    assert origins["inherits[0]"] == app.origins["inherits[0]"]


def test_a_changed_group_keeps_what_was_not_changed() -> None:
    group = bake.Group(name="all", targets=("a",), description="everything")

    assert group.with_(targets=("a", "b")) == bake.Group(
        name="all", targets=("a", "b"), description="everything"
    )


def test_a_target_that_is_not_there_has_a_near_name(host: Host) -> None:
    with pytest.raises(UsageError) as fault:
        bake.select(bake.load(host=host, cache=False), "ap", host=host)
    assert "app" in (fault.value.hint or "")
