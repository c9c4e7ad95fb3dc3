"""What holds for all definitions: merging, tidying, printing, setting."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bake.api.definition import load
from bake.host import Host
from bake.model import SCHEMAS
from bake.model.entries import Attest, CacheEntry, Output
from bake.model.fields import FIELDS, SETTABLE
from bake.model.flags import Selection
from bake.model.held import draft_of
from bake.model.inherit import tidied
from bake.model.kinds import MAP, NULLABLE_MAP
from bake.model.merge import merge_targets
from bake.model.policy import Policy
from bake.model.printing import encode
from bake.model.resources import Resources
from bake.model.secrets import SSH, Secret
from bake.model.selection import select
from bake.model.target import Definition, Target
from bake.source import Source

FEW = st.sampled_from(["", "a", "b", "x=1", "a b", "ä<&>", "${v}", "%{ if", "$${q}", "e\nf", '"quoted"'])
NAMES = st.sampled_from(["a", "b", "c-d", "E_f"])
TYPES = st.sampled_from(["image", "registry", "docker", "local", "sbom"])
TEXTS = st.lists(FEW, max_size=3).map(tuple)
MAPS = st.dictionaries(NAMES, FEW, max_size=3)
FLAGS = st.booleans()
LIMITS = st.builds(
    Resources,
    memory=st.none() | st.just("1g"),
    cpu_shares=st.none() | st.integers(0, 9),
    cpuset_cpus=st.none() | NAMES,
)


def some(entry: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(entry, max_size=3).map(tuple)


ENTRIES: dict[str, st.SearchStrategy[Any]] = {
    "attest": some(st.builds(Attest, type=TYPES, disabled=FLAGS, attrs=MAPS)),
    "cache_from": some(st.builds(CacheEntry, type=TYPES, attrs=MAPS)),
    "cache_to": some(st.builds(CacheEntry, type=TYPES, attrs=MAPS)),
    "secret": some(st.builds(Secret, id=NAMES, src=st.just("") | NAMES, env=st.just("") | NAMES)),
    "ssh": some(st.builds(SSH, id=NAMES, paths=st.lists(NAMES, max_size=2).map(tuple))),
    "output": some(st.builds(Output, type=TYPES, dest=st.just("") | NAMES, attrs=MAPS)),
    "policy": some(st.builds(Policy, files=st.lists(NAMES, max_size=2).map(tuple), reset=FLAGS)),
    "resources": LIMITS,
}
BY_SCHEMA: dict[str, st.SearchStrategy[Any]] = {
    "string": FEW,
    "boolean": FLAGS,
    "array": TEXTS,
    "object": MAPS,
}


def values(field: str) -> st.SearchStrategy[Any]:
    if field in ENTRIES:
        return ENTRIES[field]
    return BY_SCHEMA[FIELDS[field].kind.json_schema["type"]]


def targets(*without: str) -> st.SearchStrategy[Target]:
    fields = {name: values(name) for name in FIELDS if name not in ("inherits", *without)}
    return st.fixed_dictionaries({}, optional=fields).map(lambda given: Target(name="t", **given))


def shown(target: Target) -> dict[str, Any]:
    """A target's fields once tidied, as its heirs would get them."""
    return {name: held.value for name, held in tidied(draft_of(target)).items()}


@given(targets("cache_from"), targets("cache_from"), targets("cache_from"))
def test_merging_is_associative(one: Target, two: Target, three: Target) -> None:
    left = merge_targets(merge_targets(one, two), three)
    right = merge_targets(one, merge_targets(two, three))
    assert left == right


@given(targets(), targets(), targets())
def test_merging_cache_sources_is_associative_but_for_their_order(
    one: Target, two: Target, three: Target
) -> None:
    """The reference puts the last entry in the place of a duplicate, so order depends on the steps."""
    left = merge_targets(merge_targets(one, two), three)
    right = merge_targets(one, merge_targets(two, three))
    assert sorted(map(str, shown(left).get("cache_from", ()))) == sorted(
        map(str, shown(right).get("cache_from", ()))
    )


@given(targets())
def test_nothing_merged_changes_nothing(target: Target) -> None:
    nothing = Target(name="t")
    assert merge_targets(nothing, target) == target
    assert merge_targets(target, nothing) == target


@given(targets())
def test_tidying_twice_is_tidying_once(target: Target) -> None:
    once = tidied(draft_of(target))
    assert {name: held.value for name, held in tidied(once).items()} == shown(target)


@given(targets())
def test_marks_have_the_shape_of_their_values(target: Target) -> None:
    for held in tidied(draft_of(merge_targets(target, target))).values():
        if isinstance(held.value, tuple):
            assert len(held.marks) == len(held.value)
        elif isinstance(held.value, dict):
            assert held.marks.keys() == held.value.keys()


@given(targets("policy"))
def test_a_print_reads_back_to_itself(target: Target) -> None:
    """`--print` is a bake file in JSON that means what was printed, where the reference escapes. The
    form of its policies cannot be read."""
    unescaped = {name: unmarked(value) for name, value in target.given().items() if not FIELDS[name].escaped}
    target = Target(name="t", **{**target.given(), **unescaped})
    first = encode(select(Definition(targets={"t": target}), Selection(("t",)), Host()))
    again = load([Source("printed.json", first, "json")], Host())
    assert encode(select(again, Selection(("t",)), Host())) == first


def unmarked(value: Any) -> Any:
    """`value` without what a template begins with."""
    if isinstance(value, str):
        return value.replace("{", "(")
    if isinstance(value, tuple):
        return tuple(unmarked(each) for each in value)
    if isinstance(value, dict):
        return {key: unmarked(each) for key, each in value.items()}
    if isinstance(value, Attest | CacheEntry | Output):
        return value.model_copy(update={"attrs": unmarked(value.attrs)})
    return value


def printed(definition: Definition, *overrides: str) -> dict[str, Any]:
    """What is printed of the target `t`."""
    whole = encode(select(definition, Selection(("t",), overrides), Host()))
    found: dict[str, Any] = json.loads(whole)["target"]["t"]
    return found


@given(
    targets(),
    st.sampled_from(["context", "dockerfile", "target", "call", "shm_size", "args", "labels"]),
    st.sampled_from(["x", "a=b", "c,d"]),
)
def test_what_is_set_is_printed(target: Target, field: str, text: str) -> None:
    """A scalar and a key of a map are what `--set` says; other fields stay."""
    row = FIELDS[field]
    is_map = row.kind in (MAP, NULLABLE_MAP)
    definition = Definition(targets={"t": target})
    before = printed(definition)
    after = printed(definition, f"t.{row.name}{'.K' if is_map else ''}={text}")
    assert after == {**before, row.name: {**before.get(row.name, {}), "K": text} if is_map else text}


@given(targets(), TEXTS)
def test_a_list_is_set_or_grows(target: Target, texts: tuple[str, ...]) -> None:
    definition = Definition(targets={"t": target})
    replacing = Selection(("t",), tuple(f"t.tags={text}" for text in texts))
    growing = Selection(("t",), tuple(f"t.tags+={text}" for text in texts))
    distinct = tuple(dict.fromkeys(text for text in texts if text))
    had = tuple(text for text in dict.fromkeys(target.tags) if text)
    assert select(definition, replacing, Host()).targets["t"].tags == (distinct if texts else had)
    grown = select(definition, growing, Host()).targets["t"].tags
    assert grown == tuple(dict.fromkeys((*had, *distinct)))


def test_every_field_can_be_decoded_and_most_can_be_set() -> None:
    assert {field.name for field in FIELDS.values()} == set(SCHEMAS["target"].attributes)
    settable = {field.attribute for field, _ in SETTABLE.values()}
    assert set(FIELDS) - settable == {"description", "inherits", "dockerfile_inline"}
