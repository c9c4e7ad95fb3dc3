"""Every value knows where it comes from, through merging, inheriting, setting and tidying."""

from __future__ import annotations

import pytest

from bake.host import Host
from bake.model.flags import Selection
from bake.model.origins import Origins
from bake.model.selection import select
from bake.model.target import Definition, Target
from bake.source import Cause, Origin
from tests.fakes.defining import defined

TEXT = """
target "base" {
  args = {
    A = "1"
    B = "2"
  }
  annotations = ["x=1", "x=1", "y=2"]
  cache-from  = ["r1,r2"]
  resources   = { memory = "1g" }
  network     = "host"
}
target "app" {
  inherits = ["base"]
  args     = { B = "3" }
  tags     = ["t:1", "t:2"]
  output   = ["type=image"]
}
target "over" {
  inherits = ["app"]
}
"""
LATER = 'target "app" {\n  labels = { l = "v" }\n}\n'

SELECTED = select(
    defined(TEXT, LATER),
    Selection(("app", "over"), ("app.args.A=9", "app.tags+=t:3", "*.resources.cpu-quota=5"), push=True),
    Host(environment={"SOURCE_DATE_EPOCH": "0"}),
)


def told(origin: Origin) -> str:
    """An origin in a line: cause, detail, place."""
    place = str(origin.span).removeprefix("docker-bake.hcl:") if origin.span else "-"
    return f"{origin.cause.value} {origin.detail} {place}".replace("  ", " ")


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("name", "block 1.hcl:1,1-13"),
        ("tags[0]", "block 15,15-20"),
        ("tags[1]", "block 15,22-27"),
        ("tags[2]", "--set app.tags+=t:3 -"),
        ("args.A", "--set app.args.A=9 -"),
        ("args.B", "block 14,20-23"),
        ("args.SOURCE_DATE_EPOCH", "environment SOURCE_DATE_EPOCH -"),
        ("annotations[0]", "inherited from base 7,18-23"),
        ("annotations[1]", "inherited from base 7,32-37"),
        ("cache-from[0]", "inherited from base 8,18-25"),
        ("cache-from[1]", "inherited from base 8,18-25"),
        ("resources.memory", "inherited from base 9,28-32"),
        ("resources.cpu-quota", "--set *.resources.cpu-quota=5 -"),
        ("labels.l", "block 1.hcl:2,18-21"),
        ("output[0]", "flag --push -"),
        ("network", "inherited from base 10,17-23"),
        ("entitlements[0]", "inherited from base 10,17-23"),
        ("context", "default -"),
        ("dockerfile", "default -"),
    ],
)
def test_where_the_values_of_a_target_come_from(path: str, wanted: str) -> None:
    assert told(SELECTED.targets["app"].origins[path]) == wanted


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        # the heir of an heir still knows who wrote it
        ("annotations[0]", "inherited from base 7,18-23"),
        ("tags[0]", "inherited from app 15,15-20"),
        # what the command line says, it says for heirs too
        ("args.A", "--set app.args.A=9 -"),
    ],
)
def test_heirs_of_heirs(path: str, wanted: str) -> None:
    assert told(SELECTED.targets["over"].origins[path]) == wanted


def test_paths_are_those_of_the_values() -> None:
    app = SELECTED.targets["app"]
    paths = set(app.origins)
    for name, value in app.given().items():
        spelled = name.replace("_", "-")
        if isinstance(value, tuple):
            assert {f"{spelled}[{index}]" for index in range(len(value))} <= paths
        elif isinstance(value, dict):
            assert {f"{spelled}.{key}" for key in value} <= paths
    assert "tags[7]" not in paths
    assert len(app.origins) == len(paths)


@pytest.mark.parametrize("path", ["", "tags", "tags[9]", "tags[x]", "args", "args.Z", "contextual", "nope"])
def test_what_has_no_origin(path: str) -> None:
    assert path not in SELECTED.targets["app"].origins


def test_values_made_in_python_may_name_their_origins() -> None:
    here = Origin(Cause.DEFAULT, detail="made up")
    parent = Target(name="p", args={"A": "1", "B": "2"}, origins={"args.A": here})
    heir = Target(name="h", inherits=("p",))
    definition = Definition(targets={"p": parent, "h": heir})
    origins = select(definition, Selection(("h",)), Host()).targets["h"].origins
    assert isinstance(origins, Origins)
    assert origins["args.A"] == Origin(Cause.INHERITED, None, "p")
    assert "args.B" not in origins


def test_origins_are_not_printed_nor_dumped() -> None:
    app = SELECTED.targets["app"]
    assert "origins" not in app.model_dump()
    assert "origins" not in repr(app)
