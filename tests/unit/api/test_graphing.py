"""A definition as a graph: who needs whom, also where some of it is at fault."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import bake
from bake.api.graphing import drawing
from bake.drawing import Drawing, Relation
from bake.errors import BakeError

if TYPE_CHECKING:
    from bake.host import Host

FILE = """\
group "default" { targets = ["web", "app"] }
group "web" { targets = ["app", "web"] }
target "_common" { platforms = ["linux/amd64"] }
target "web" { contexts = { "src" = "target:base" } }
target "app" {
  inherits = ["_common"]
  contexts = { base = "target:base" }
}
target "base" {}
target "alone" {}
"""


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return bake.this_machine({"HOME": str(tmp_path)}, str(tmp_path))


def drawn(host: Host, text: str, *names: str) -> Drawing:
    (Path(host.working_directory) / "docker-bake.hcl").write_text(text)
    return drawing(bake.load(host=host, cache=False), names, host)


def arrows(found: Drawing) -> list[str]:
    return [f"{edge.tail} > {edge.head}" for edge in found.edges]


def test_everything_is_drawn_but_what_is_only_inherited_from(host: Host) -> None:
    found = drawn(host, FILE)

    assert [box.id for box in found.boxes] == [
        *("group:default", "group:web"),
        *("target:web", "target:app", "target:base", "target:alone"),
    ]
    assert arrows(found) == [
        *("group:default > group:web", "group:default > target:app"),
        *("group:web > target:app", "group:web > target:web"),
        *("target:web > target:base", "target:app > target:base"),
    ]


def test_contexts_are_named_and_platforms_are_inherited(host: Host) -> None:
    found = drawn(host, FILE)

    assert [edge.label for edge in found.edges if edge.relation is Relation.CONTEXT] == ["src", "base"]
    assert {box.name: box.platforms for box in found.boxes}["app"] == ("linux/amd64",)


def test_of_a_name_only_what_it_leads_to_is_drawn(host: Host) -> None:
    found = drawn(host, FILE, "app")

    assert [box.id for box in found.boxes] == ["target:app", "target:base"]


def test_a_fault_hides_its_target_alone(host: Host) -> None:
    found = drawn(host, 'target "a" { inherits = ["nowhere"] }\ntarget "b" {}\n')

    assert [box.name for box in found.boxes] == ["b"]


def test_a_name_that_is_not_there_is_an_error(host: Host) -> None:
    with pytest.raises(BakeError, match="failed to find target nothing"):
        drawn(host, FILE, "nothing")
