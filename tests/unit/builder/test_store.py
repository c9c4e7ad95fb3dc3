from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from bake.builder.store import Store
from bake.errors import BuilderError, UsageError
from bake.node import Builder, Node
from bake.platforms import parse

if TYPE_CHECKING:
    from pathlib import Path

BUILDX_OWN = {
    "Name": "Mine",
    "Driver": "remote",
    "Nodes": [
        {
            "Name": "mine0",
            "Endpoint": "tcp://h:1234",
            "Platforms": [{"architecture": "arm64", "os": "linux", "variant": "v8"}],
            "DriverOpts": {"cacert": "/ca"},
            "Flags": ["--debug"],
            "Files": {"buildkitd.toml": "YWI="},
        }
    ],
    "Dynamic": False,
}
MINE = Builder(
    "Mine",
    "remote",
    (
        Node(
            "mine0",
            "tcp://h:1234",
            (parse("linux/arm64"),),
            {"cacert": "/ca"},
            ("--debug",),
            {"buildkitd.toml": b"ab"},
        ),
    ),
)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(str(tmp_path / "buildx"))


def test_what_buildx_wrote_is_read(tmp_path: Path) -> None:
    (tmp_path / "instances").mkdir()
    (tmp_path / "instances" / "mine").write_text(json.dumps(BUILDX_OWN))
    assert Store(str(tmp_path)).get("MINE") == MINE


def test_what_buildx_leaves_empty(tmp_path: Path) -> None:
    (tmp_path / "instances").mkdir()
    bare = {
        "Name": "b",
        "Driver": "",
        "Nodes": [{"Name": "b0", "Endpoint": "x", "Platforms": None, "Files": None}],
    }
    (tmp_path / "instances" / "b").write_text(json.dumps(bare))
    assert Store(str(tmp_path)).get("b") == Builder("b", "", (Node("b0", "x"),))


def test_save_and_get(store: Store) -> None:
    store.save(MINE)
    assert store.get("mine") == MINE
    assert store.names() == ["mine"]
    assert store.builders() == [MINE]
    store.remove("mine")
    assert store.get("mine") is None


def test_an_empty_store(store: Store) -> None:
    assert store.builders() == []
    assert store.current("x") == ""
    assert store.get("../x") is None
    store.remove("never")


@pytest.mark.parametrize("name", ["", "1a", "a/b", "a b", "../a"])
def test_names_that_cannot_be(store: Store, name: str) -> None:
    with pytest.raises(UsageError, match="invalid name"):
        store.save(Builder(name, "docker", ()))


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"Nodes": [{}]}', '{"Nodes": [1]}', '{"Nodes": [{"Name":"a","Files":{"x":"?"}}]}']
)
def test_damage_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "instances").mkdir()
    (tmp_path / "instances" / "bad").write_text(text)
    with pytest.raises(BuilderError, match="store is damaged"):
        Store(str(tmp_path)).get("bad")


def test_the_choice_is_for_one_endpoint(store: Store) -> None:
    store.save(MINE)
    store.set_current("e1", "mine")
    assert store.current("e1") == "mine"
    assert store.current("e2") == ""


def test_the_choice_for_everywhere(store: Store) -> None:
    store.save(MINE)
    store.set_current("e1", "mine", everywhere=True)
    assert store.current("e2") == "mine"


def test_the_default_of_an_endpoint_outlives_other_choices(store: Store) -> None:
    store.save(MINE)
    store.save(Builder("other", "docker", ()))
    store.set_current("e1", "mine", default=True)
    store.set_current("e2", "other")
    assert store.current("e1") == "mine"
    store.set_current("e1", "")
    assert store.current("e1") == ""


def test_a_builder_that_is_gone_is_not_chosen(store: Store) -> None:
    store.save(MINE)
    store.set_current("e1", "mine", default=True)
    store.remove("mine")
    assert store.current("e1") == ""


def test_activity(store: Store) -> None:
    assert store.last_activity("mine") == ""
    store.touch("mine", 0)
    assert store.last_activity("mine") == "1970-01-01T00:00:00Z"


def test_a_store_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BuilderError, match="store cannot be used"):
        Store(str(tmp_path / "file")).save(MINE)
    Store(str(tmp_path / "file")).touch("mine", 0)
