"""The schema that Pydantic is given for a record."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from bake.model.checks import adapter
from bake.model.entries import Entry, Output
from bake.model.target import Target


def test_a_validator_is_built_once() -> None:
    assert adapter(Target) is adapter(Target)


@pytest.mark.parametrize(
    "value", ["type=tar,dest=x", {"type": "tar", "dest": "x"}, Output(type="tar", dest="x")]
)
def test_an_entry_is_taken_in_any_of_its_forms(value: object) -> None:
    assert TypeAdapter(Output).validate_python(value) == Output.trusted(type="tar", dest="x")


def test_what_an_entry_says_of_its_text_is_told_with_its_place() -> None:
    with pytest.raises(ValidationError, match="type is required for output") as caught:
        Target.model_validate({"name": "a", "output": ["type=tar", {"dest": "x"}]})

    assert [error["loc"] for error in caught.value.errors()] == [("output", 1)]


def test_a_record_without_a_form_of_its_own_takes_no_text() -> None:
    with pytest.raises(ValidationError):
        adapter(Target).validate_python("a")

    assert not hasattr(Target, "before_checks")
    assert hasattr(Entry, "before_checks")
