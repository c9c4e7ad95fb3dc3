"""Lists and inspections; that they are the reference's is tested with the reference."""

from __future__ import annotations

import json

import pytest

from bake.errors import BuilderError
from bake.node import Builder, BuilderState, Gap, Node, NodeState
from bake.platforms import parse
from bake.ui.builders import complaints, in_groups, inspection, lacking, listing, silence, truncated
from bake.worker import Device, GCPolicy, Worker

NODE = Node("b0", "tcp://h:1", (parse("linux/arm64"),), {"z": 'q"', "a": "1"}, ("--debug",), {"f": b"x\ny"})
WORKER = Worker(
    "w",
    {"label": "value"},
    (parse("linux/amd64"), parse("linux/arm64")),
    (GCPolicy(filters=("type==a", "b"), keep_duration=90.0, reserved_space=1 << 30), GCPolicy(all=True)),
    devices=(Device("gpu", annotations={"k": "v"}), Device("more", on_demand=True)),
)
RUNNING = NodeState(NODE, "running", (WORKER,), "v0.30", frozenset({"Direct push"}))
AWAY = NodeState(Node("b1", "tcp://i:1"), "inactive", error=BuilderError("no answer"))
BROKEN = NodeState(Node("b2", "tcp://j:1"), error=BuilderError("bad option"))
STATE = BuilderState(
    Builder("b", "remote", ()), "2026-01-02T03:04:05Z", (RUNNING, AWAY, BROKEN), current=True
)
GONE = BuilderState(Builder("default", "docker", ()), error=BuilderError("no engine"), context=True)


def test_a_list() -> None:
    rows = [line.split() for line in listing([STATE, GONE], "table", truncate=True).splitlines()]
    assert rows == [
        ["NAME/NODE", "DRIVER/ENDPOINT", "STATUS", "BUILDKIT", "PLATFORMS"],
        ["b*", "remote"],
        ["\\_", "b0", "\\_", "tcp://h:1", "running", "v0.30", "linux/amd64,", "linux/arm64*"],
        ["\\_", "b1", "\\_", "tcp://i:1", "inactive"],
        ["\\_", "b2", "\\_", "tcp://j:1", "error"],
        ["default", "error"],
    ]


def test_a_context_without_its_engine_has_a_node_without_a_name() -> None:
    gone = json.loads(listing([GONE], "json", truncate=True))
    assert (gone["Driver"], gone["Nodes"], gone["Err"]) == ("", [{"Name": "", "Endpoint": ""}], "no engine")


def test_why_some_do_not_answer_is_told_below() -> None:
    assert complaints([STATE, GONE]).splitlines() == [
        "",
        "Failed to get status for b (b1): no answer",
        "Failed to get status for b (b2): bad option",
        "Cannot load builder default: no engine",
    ]
    assert complaints([BuilderState(Builder("b", "remote", ()))]) == ""
    assert silence(STATE) == "b1: no answer\n"


def test_templates_see_names_without_marks() -> None:
    form = "{{.Name}} {{.Status}} {{.Error}}"
    assert listing([STATE], form, truncate=True).splitlines() == [
        "b  ",
        "b0 running ",
        "b1 inactive ",
        "b2 error bad option",
    ]


def test_an_inspection() -> None:
    text = inspection(STATE, {"Direct push": "Direct push", "Default load": "Load"})
    lines = [" ".join(line.split()) for line in text.splitlines()]
    assert lines[:5] == [
        *("Name: b", "Driver: remote", "Last Activity: 2026-01-02 03:04:05 +0000 UTC", "", "Nodes:")
    ]
    expected = [
        *('Driver Options: a="1" z="q\\""', "Status: running", "BuildKit daemon flags: --debug"),
        *("BuildKit version: v0.30", "Platforms: linux/arm64*, linux/amd64"),
        *("Features:", "Direct push: true", "Load: false", "Labels:", "label: value"),
        *("Devices:", "Name: gpu", "Automatically allowed: false", "Annotations:", "k: v"),
        *("Name: more", "On-Demand: true"),
        *("GC Policy rule#0:", "All: false", "Filters: type==a b", "Keep Duration: 1m30s"),
        *("Reserved Space: 1GiB", "GC Policy rule#1:", "All: true", "File#f:", "> x", "> y"),
    ]
    at = lines.index(expected[0])
    assert lines[at : at + len(expected)] == expected
    assert "Error: bad option" in lines
    assert "Error:  no engine" in inspection(GONE)


@pytest.mark.parametrize(
    ("names", "short"),
    [
        ([], ""),
        (["linux/amd64", "linux/amd64/v2"], "linux/amd64 (+2)"),
        (["linux/riscv64*", "linux/arm64", "linux/arm64/v9*"], "linux/arm64* (+2), linux/riscv64*"),
        (
            ["windows/amd64", "linux/386", "linux/amd64", "linux/loong64", "linux/arm64", "linux/mips"],
            "linux/amd64, linux/arm64, linux/386, linux/loong64, (2 more)",
        ),
        # the fourth of the major ones counts once
        (
            ["linux/amd64", "linux/arm64", "linux/arm/v7", "linux/arm/v6", "linux/s390x", "linux/s390x/x"],
            "linux/amd64, linux/arm64, linux/arm (+2), linux/s390x, (1 more)",
        ),
    ],
)
def test_long_lists_are_cut(names: list[str], short: str) -> None:
    assert truncated(names) == short


def test_platforms_that_a_person_fixed_are_marked_once() -> None:
    arm, amd = parse("linux/arm64"), parse("linux/amd64")
    assert in_groups([arm, arm], [amd, arm]) == ["linux/arm64*", "linux/amd64"]


def test_a_platform_without_an_emulator_comes_with_its_mend() -> None:
    gap = Gap("b0", parse("linux/arm64"), "nothing runs it", "install it")
    assert lacking([gap]) == "b0: steps for linux/arm64 cannot run: nothing runs it\n  install it\n"
