"""One store for both tools: what either makes, changes and chooses, the other uses, on real nodes."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING

import pytest

from tests.engine.bakefile import BOTH, define, word
from tools.engine.relay import Relay

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tests.commands import Command
    from tools.engine.dockerd import Engine
    from tools.engine.registry import Registry


@pytest.fixture(scope="module")
def first_relay(engine: Engine) -> Iterator[Relay]:
    with Relay(engine.socket) as running:
        yield running


@pytest.fixture
def nodes(
    engine: Engine, first_relay: Relay, second_engine: Engine, relay: Relay
) -> Mapping[str, tuple[Engine, Relay]]:
    """By the architecture that it builds for, an engine and what leads to it."""
    return {"amd64": (engine, first_relay), "arm64": (second_engine, relay)}


@pytest.fixture
def tools_at_hand(pybake: Command, reference: Command) -> Mapping[str, Command]:
    return {"pybake": pybake, "reference": reference}


@pytest.fixture(params=[("pybake", "reference"), ("reference", "pybake")], ids=lambda pair: pair[0])
def maker_and_user(
    request: pytest.FixtureRequest, tools_at_hand: Mapping[str, Command]
) -> tuple[Command, Command]:
    """The tool that makes the builder, and the other one."""
    maker, user = request.param
    return tools_at_hand[maker], tools_at_hand[user]


def make(tool: Command, first: str, second: str) -> None:
    """A builder of two nodes, the second one for arm64."""
    tool("create", "--name", "pair", "--driver", "remote", "--platform", "linux/amd64", first).ok()
    tool("create", "--name", "pair", "--append", "--platform", "linux/arm64", second).ok()


def test_a_builder_of_two_nodes_made_by_one_tool_works_in_the_other(
    maker_and_user: tuple[Command, Command], project: Path, first_relay: Relay, relay: Relay
) -> None:
    maker, user = maker_and_user
    make(maker, first_relay.endpoint, relay.endpoint)
    user("use", "pair").ok()

    listed = maker("ls").ok()
    assert user("ls").ok().stdout == listed.stdout
    assert "pair*" in listed.stdout
    rows = [line.split() for line in listed.stdout.splitlines()]
    assert rows[3][:5] == ["\\_", "pair1", "\\_", relay.endpoint, "running"]
    assert "linux/arm64*" in rows[3]
    assert user("inspect", "pair").ok().stdout == maker("inspect").ok().stdout

    define(project, {"default": ["one"]}, one={"platforms": BOTH, "output": ["out"]})
    user("bake").ok()
    assert {path.name for path in (project / "out").iterdir()} == {"linux_amd64", "linux_arm64"}


def test_one_bake_pushes_one_index_of_what_each_node_built(
    maker_and_user: tuple[Command, Command],
    tools_at_hand: Mapping[str, Command],
    project: Path,
    nodes: Mapping[str, tuple[Engine, Relay]],
    registry: Registry,
) -> None:
    maker, user = maker_and_user
    make(maker, *(relay.endpoint for _, relay in nodes.values()))
    place, image = word(), f"{registry.address}/pair:{word()}"
    dockerfile = f"FROM scratch\nARG TARGETARCH\nCOPY rootfs/${{TARGETARCH}}/ /{place}/\n"
    fields = {"dockerfile": dockerfile, "platforms": BOTH, "tags": [image], "output": ["type=registry"]}
    define(project, {"default": ["one"]}, one=fields)
    user("bake", BUILDX_BUILDER="pair").ok()

    index = json.loads(tools_at_hand["reference"]("imagetools", "inspect", "--raw", image).ok().stdout)
    listed = [one["platform"]["architecture"] for one in index["manifests"]]
    assert sorted(name for name in listed if name != "unknown") == ["amd64", "arm64"]
    for architecture, (engine, _) in nodes.items():
        cached = tools_at_hand["pybake"]("du", "--verbose", DOCKER_HOST=engine.host).ok().stdout
        steps = [line for line in cached.splitlines() if f"/{place}/" in line]
        assert [f"rootfs/{architecture}/" in line for line in steps] == [True]


def test_nodes_that_one_tool_changes_are_changed_for_the_other(
    maker_and_user: tuple[Command, Command], first_relay: Relay, relay: Relay
) -> None:
    maker, user = maker_and_user
    make(maker, first_relay.endpoint, relay.endpoint)
    change = ("create", "--name", "pair", "--node", "pair0", "--platform", "linux/arm64")
    user(*change, first_relay.endpoint).ok()
    assert maker("inspect", "pair").ok().stdout == user("inspect", "pair").ok().stdout
    maker("create", "--leave", "--name", "pair", "--node", "pair1").ok()
    assert "pair1" not in user("inspect", "pair").ok().stdout
    user("rm", "pair").ok()
    assert maker("inspect", "pair").code == 1


def test_the_choice_of_one_tool_is_the_others(
    maker_and_user: tuple[Command, Command], first_relay: Relay, relay: Relay
) -> None:
    maker, user = maker_and_user
    make(maker, first_relay.endpoint, relay.endpoint)
    maker("use", "--global", "pair").ok()
    assert user("inspect", DOCKER_HOST="unix:///nowhere.sock").ok().stdout.startswith("Name:          pair")
    maker("use", "--default", "pair").ok()
    maker("use", "default").ok()
    assert user("inspect").ok().stdout.startswith("Name:   default")


def test_both_tools_at_once_lose_nothing(tools_at_hand: Mapping[str, Command], first_relay: Relay) -> None:
    tools_at_hand["pybake"]("create", "--name", "many", "--driver", "remote", first_relay.endpoint).ok()

    def append(tool: Command, number: int) -> None:
        tool("create", "--append", "--name", "many", f"unix:///nowhere/{number}.sock").ok()

    work = [
        threading.Thread(target=append, args=(tools_at_hand[name], number))
        for number, name in enumerate(["pybake", "reference"] * 3)
    ]
    for thread in work:
        thread.start()
    for thread in work:
        thread.join()
    told = tools_at_hand["reference"]("inspect", "many").ok().stdout
    assert [f"unix:///nowhere/{number}.sock" in told for number in range(6)] == [True] * 6
    assert tools_at_hand["pybake"]("inspect", "many").ok().stdout == told
