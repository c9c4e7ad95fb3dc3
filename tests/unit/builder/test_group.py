from __future__ import annotations

import pytest

from bake.builder.group import Change, changed, left
from bake.errors import UsageError
from bake.node import Builder, Node
from bake.platforms import parse

ARM, AMD = parse("linux/arm64"), parse("linux/amd64")
ONE = Builder("b", "remote", (Node("b0", "tcp://a:1", (ARM, AMD), {"k": "v"}),))


def test_the_first_node_is_numbered() -> None:
    builder, node = changed(Builder("b", "remote", ()), Change("tcp://a:1"))
    assert builder.nodes == (node,)
    assert node == Node("b0", "tcp://a:1")


def test_a_node_more_takes_its_platforms_from_the_others() -> None:
    builder, node = changed(ONE, Change("tcp://b:1", append=True, platforms=(ARM,)))
    assert [one.name for one in builder.nodes] == ["b0", "b1"]
    assert builder.nodes[0].platforms == (AMD,)
    assert node.platforms == (ARM,)


def test_numbers_that_are_taken_are_passed_over() -> None:
    two = Builder("b", "remote", (Node("b1", "tcp://a:1"), Node("b0", "tcp://b:1")))
    assert changed(two, Change("tcp://c:1", append=True))[1].name == "b2"


def test_only_what_is_given_of_a_node_changes() -> None:
    builder, node = changed(ONE, Change("tcp://default:1", name="b0", flags=("--debug",)))
    assert node.endpoint == "tcp://a:1"
    assert node.driver_opts == {"k": "v"}
    assert node.platforms == (ARM, AMD)
    assert node.buildkitd_flags == ("--debug",)
    moved = changed(ONE, Change("tcp://new:1", name="b0", moves=True, driver_opts={"x": "y"}))[1]
    assert (moved.endpoint, moved.driver_opts) == ("tcp://new:1", {"x": "y"})
    assert builder.nodes == (node,)


def test_files_are_added_to_those_of_a_node() -> None:
    with_file = changed(ONE, Change("tcp://a:1", name="b0", files={"a": b"1"}))[0]
    both = changed(with_file, Change("tcp://a:1", name="b0", files={"b": b"2"}))[1]
    assert both.files == {"a": b"1", "b": b"2"}


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (Change("tcp://b:1", name="x"), "node x not found, did you mean to append"),
        (Change("tcp://a:1", append=True), "invalid duplicate endpoint tcp://a:1"),
        (Change("tcp://b:1", name="1x", append=True), "invalid name 1x"),
    ],
)
def test_changes_that_cannot_be(change: Change, fault: str) -> None:
    with pytest.raises(UsageError, match=fault):
        changed(ONE, change)


def test_leaving() -> None:
    two = changed(ONE, Change("tcp://b:1", append=True))[0]
    assert [node.name for node in left(two, "b0").nodes] == ["b1"]
    with pytest.raises(UsageError, match="can not leave last node"):
        left(ONE, "b0")
    with pytest.raises(UsageError, match='node "x" not found for b; it has b0'):
        left(ONE, "x")


def test_nodes_that_come_and_go_by_themselves_are_not_changed() -> None:
    dynamic = Builder("b", "kubernetes", ONE.nodes, dynamic=True)
    with pytest.raises(UsageError, match="dynamic node group does not support Leave"):
        left(dynamic, "b0")
    with pytest.raises(UsageError, match="dynamic node group does not support Update"):
        changed(dynamic, Change("x"))
