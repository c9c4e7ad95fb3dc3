from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from bake.errors import UsageError
from bake.plan.entitlements import missing
from bake.source import Cause, Origin
from tests.fakes.planning import engine, machine, plan, target

if TYPE_CHECKING:
    from bake.model.target import Target

HOST = machine({"/etc/token": b""}, folders=["/w/sub", "/w2", "/other", "/other/deep"], SSH_AUTH_SOCK="/s")


def flags(*targets: Target, allow: tuple[str, ...] = (), host: Any = HOST) -> list[str]:
    made = plan(*targets, nodes=[engine()], host=host)
    found = missing(made, {one.name: one for one in targets}, allow, host)
    return [one.flag for one in found]


def test_the_working_directory_is_granted() -> None:
    assert flags(target(context="sub", output=("out",), cache_to=("type=local,dest=c",))) == []


def test_what_is_wished_for() -> None:
    wishes = target(
        context="/other/deep",
        contexts={"o": "/other"},
        secret=("id=a,src=/etc/token",),
        ssh=("default",),
        network="host",
        entitlements=("security.insecure", "device=gpu"),
        output=("type=local,dest=/data/out,mode=delete",),
    )
    assert flags(wishes) == [
        "buildx.local.delete",
        "device=gpu",
        "network.host",
        "security.insecure",
        "ssh",
        "fs.read=../etc/token",
        "fs.read=../other",
        "fs.write=../data/out",
    ]
    allow = ("fs=*", "ssh", "network.host", "security.insecure", "device", "buildx.local.delete")
    assert flags(wishes, allow=allow) == []


def test_a_folder_that_only_begins_alike_is_another() -> None:
    assert flags(target(context="/w2")) == ["fs.read=../w2"]


def test_reading_and_writing_the_same_is_one_wish() -> None:
    both = target(cache_from=("type=local,src=/c/x",), cache_to=("type=local,dest=/c/x",))
    assert flags(both) == ["fs=../c/x"]
    assert flags(both, allow=("fs.read=/c",)) == ["fs.write=../c/x"]


def test_what_is_far_away_is_named_whole() -> None:
    deep = replace(HOST, working_directory="/a/b/c", is_dir=lambda _path: True)
    assert flags(target(context="/other"), host=deep) == ["fs.read=/other"]


def test_grants_are_relative_to_the_working_directory() -> None:
    assert flags(target(context="/other/deep"), allow=("fs.read=../other",)) == []


def test_symlinks_are_followed_before_judging() -> None:
    linked = replace(HOST, resolve=lambda path: path.replace("/w/sub", "/outside"))
    assert flags(target(context="sub"), host=linked) == ["fs.read=../outside"]


def test_the_wishes_of_all_targets_are_united() -> None:
    assert flags(target("a", context="/other"), target("b", context="/w2")) == [
        "fs.read=../other",
        "fs.read=../w2",
    ]


def test_what_stands_on_the_command_line_is_granted() -> None:
    by_set = {"output": Origin(Cause.SET, None, "*.output=/data")}
    assert flags(target("a", output=("/data",), origins=by_set)) == []
    by_file = {"output": Origin(Cause.BLOCK)}
    assert flags(target("a", output=("/data",), origins=by_file)) == ["fs.write=../data"]


@pytest.mark.parametrize("written", ["fly", "ssh=x", ""])
def test_unknown_grants(written: str) -> None:
    with pytest.raises(UsageError, match="Unknown entitlement"):
        flags(target(), allow=(written,))
