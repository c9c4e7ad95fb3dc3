"""Records without and with Pydantic: equal, frozen, and models to Pydantic."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

from bake.model.entries import SSH, Output
from bake.model.target import Target


class Project(BaseModel):
    """A model of somebody's own."""

    app: Target


def test_importing_the_model_imports_no_pydantic() -> None:
    source = "import sys, bake.model.target; sys.exit('pydantic' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", source], check=False).returncode == 0


def test_a_record_is_equal_to_another_of_its_class_with_its_values() -> None:
    assert Output(type="tar") == Output.trusted(type="tar")
    assert Output(type="tar") != Output(type="tar", dest="x")
    assert Output(type="tar") != {"type": "tar"}
    assert hash(SSH(id="a", paths=("x",))) == hash(SSH.trusted(paths=("x",), id="a"))


def test_a_copy_has_other_values_and_knows_them_as_given() -> None:
    copied = Target(name="a", tags=["x"]).model_copy(update={"context": "src"})

    assert (copied.name, copied.tags, copied.context) == ("a", ("x",), "src")
    assert copied.model_fields_set == {"name", "tags", "context"}


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))])
def test_copied_and_pickled_a_record_stays_what_it_is(again: object) -> None:
    target = Target(name="a", output=["type=tar,dest=x"])
    found = again(target)  # type: ignore[operator]

    assert (found, found.model_fields_set) == (target, {"name", "output"})


def test_no_attribute_can_be_set_or_deleted() -> None:
    output = Output(type="tar")
    with pytest.raises(ValidationError, match="frozen"):
        del output.dest

    assert output.dest == ""


def test_unknown_fields_and_wrong_types_are_named() -> None:
    with pytest.raises(ValidationError) as caught:
        Target.model_validate({"name": "a", "tgas": [], "tags": [1]})

    assert {error["loc"] for error in caught.value.errors()} == {("tgas",), ("tags", 0)}
    assert caught.value.title == "Target"


def test_a_record_is_a_field_of_other_models() -> None:
    project = Project.model_validate({"app": {"name": "a", "output": ["type=tar,dest=x"], "no-cache": True}})

    assert project.app == Target(name="a", output=[Output(type="tar", dest="x")], no_cache=True)
    assert project.model_dump()["app"]["output"] == ({"type": "tar", "attrs": {}, "dest": "x"},)


def test_a_dump_spells_as_asked_and_leaves_out_what_is_excluded() -> None:
    target = Target(name="a", no_cache=True)

    assert target.model_dump()["no_cache"] is target.model_dump(by_alias=True)["no-cache"] is True
    assert {"linked", "origins"}.isdisjoint(target.model_dump())


def test_pydantic_gives_the_json_schema_of_a_record() -> None:
    schema = TypeAdapter(Target).json_schema()

    assert schema["required"] == ["name"]
    assert "no-cache" in schema["properties"]
