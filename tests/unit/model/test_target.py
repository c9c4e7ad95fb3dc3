"""The records of a definition, as Python makes them."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from bake.host import Host
from bake.model.flags import Selection
from bake.model.printing import printed_target
from bake.model.selection import select
from bake.model.target import Definition, Group, Target


def test_what_was_given_is_known_also_when_it_equals_the_default() -> None:
    assert Target(name="t", tags=()).given() == {"tags": ()}
    assert Target(name="t").given() == {}


def test_what_was_given_is_shown() -> None:
    assert repr(Target(name="t", tags=(), context="src")) == "Target(name='t', context='src', tags=())"


def test_an_empty_list_clears_what_is_inherited_and_none_does_not() -> None:
    parent = Target(name="p", tags=("a",))
    clearing, keeping = Target(name="c", inherits=("p",), tags=()), Target(name="k", inherits=("p",))
    definition = Definition(targets={each.name: each for each in (parent, clearing, keeping)})
    selected = select(definition, Selection(("c", "k")), Host()).targets
    assert (selected["c"].tags, selected["k"].tags) == ((), ("a",))


def test_made_without_checks_it_is_the_same() -> None:
    checked = Target(name="t", tags=("a",), no_cache=True)
    assert Target.trusted(name="t", tags=("a",), no_cache=True) == checked
    assert Target.trusted(name="t").args == {}


def test_defaults_are_not_shared() -> None:
    first = Target.trusted(name="a")
    assert Target(name="b").origins == first.origins == {}


def test_both_spellings_of_a_field_are_taken() -> None:
    spelled = Target.model_validate({"name": "t", "no-cache": True, "extra-hosts": {"a": "b"}})
    assert spelled == Target(name="t", no_cache=True, extra_hosts={"a": "b"})


def test_records_are_frozen() -> None:
    target = Target.trusted(name="t")
    with pytest.raises(ValidationError, match="frozen"):
        target.name = "u"


def test_python_and_files_print_alike() -> None:
    target = Target(name="t", context="src", cache_from=("user/app:cache",), output=({"type": "image"},))
    assert printed_target(target) == {
        "context": "src",
        "cache-from": [{"ref": "user/app:cache", "type": "registry"}],
        "output": [{"type": "image"}],
    }


def test_a_group_needs_its_targets() -> None:
    with pytest.raises(ValidationError, match="targets"):
        Group.model_validate({"name": "g"})
