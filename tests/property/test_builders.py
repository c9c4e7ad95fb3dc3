"""Builders' nodes under any changes; the daemon's configuration however it is nested."""

from __future__ import annotations

import tomllib
from contextlib import suppress
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bake.builder.daemon_config import CONFIG, load, write
from bake.builder.group import Change, changed, left
from bake.builder.store import Store
from bake.errors import UsageError
from bake.node import Builder
from bake.platforms import parse

PLATFORMS = [parse(name) for name in ("linux/amd64", "linux/arm64", "linux/arm/v7", "windows/amd64")]
CHANGES = st.builds(
    Change,
    endpoint=st.sampled_from([f"tcp://h{number}:1" for number in range(4)]),
    name=st.sampled_from(["", "b0", "b1", "mine"]),
    moves=st.booleans(),
    append=st.booleans(),
    platforms=st.lists(st.sampled_from(PLATFORMS), max_size=3, unique=True).map(tuple),
    driver_opts=st.none() | st.dictionaries(st.sampled_from("xyz"), st.text(max_size=3), max_size=2),
    flags=st.none() | st.lists(st.text(max_size=3), max_size=2).map(tuple),
    files=st.none() | st.dictionaries(st.sampled_from("fg"), st.binary(max_size=3), max_size=2),
)
STEPS = st.lists(CHANGES | st.sampled_from(["b0", "b1", "mine"]), max_size=12)


def after(steps: list[Change | str]) -> list[Builder]:
    """The builder after each step that could be made; a name leaves it."""
    builder = Builder("b", "remote", ())
    found = [builder]
    for step in steps:
        with suppress(UsageError):
            builder = left(builder, step) if isinstance(step, str) else changed(builder, step)[0]
            found.append(builder)
    return found


@given(STEPS)
def test_nodes_stay_apart(steps: list[Change | str]) -> None:
    for builder in after(steps):
        names = [node.name for node in builder.nodes]
        endpoints = [node.endpoint for node in builder.nodes]
        fixed = [platform for node in builder.nodes for platform in node.platforms]
        for each in (names, endpoints, fixed):
            assert len(set(each)) == len(each)


@given(STEPS)
def test_what_is_stored_is_what_is_read(tmp_path_factory: Any, steps: list[Change | str]) -> None:
    store = Store(str(tmp_path_factory.mktemp("store")))
    builder = after(steps)[-1]
    store.save(builder)
    assert store.get("b") == builder


KEYS = st.text(min_size=1, max_size=6)
VALUES = st.booleans() | st.integers(-(2**62), 2**62) | st.text(max_size=8) | st.floats(allow_nan=False)
TABLES: st.SearchStrategy[dict[str, Any]] = st.recursive(
    st.dictionaries(KEYS, VALUES, max_size=4),
    lambda inner: st.dictionaries(
        KEYS, VALUES | inner | st.lists(VALUES | inner, max_size=3) | st.lists(inner, max_size=3), max_size=4
    ),
    max_leaves=12,
)


@given(TABLES)
def test_toml_says_what_it_was_made_of(table: dict[str, Any]) -> None:
    assert tomllib.loads(write(table)) == table


@given(TABLES)
def test_a_configuration_without_registries_comes_through(table: dict[str, Any]) -> None:
    table.pop("registry", None)
    files = load("/c.toml", lambda _path: write(table).encode())
    assert tomllib.loads(files[CONFIG].decode()) == table
