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

HOST = machine(
    {"/etc/token": b"", "/s": b""}, folders=["/w/sub", "/w2", "/other", "/other/deep"], SSH_AUTH_SOCK="/s"
)


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
        "network.host",
        "security.insecure",
        "device=gpu",
        "buildx.local.delete",
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


def test_contexts_are_not_granted_by_naming_them() -> None:
    by_set = {"context": Origin(Cause.SET), "contexts.x": Origin(Cause.SET)}
    wanted = target(context="/other", contexts={"x": "/w2"}, origins=by_set)
    assert flags(wanted) == ["fs.read=../other", "fs.read=../w2"]


@pytest.mark.parametrize("written", ["fly", "ssh=x", ""])
def test_unknown_grants(written: str) -> None:
    with pytest.raises(UsageError, match="Unknown entitlement"):
        flags(target(), allow=(written,))


def test_entitlements_of_the_command_line_are_granted() -> None:
    by_set = {"entitlements[0]": Origin(Cause.SET), "entitlements[1]": Origin(Cause.BLOCK)}
    wishes = target(entitlements=("network.host", "security.insecure"), origins=by_set)
    assert flags(wishes) == ["security.insecure"]


def test_what_was_set_on_a_parent_is_granted_to_its_heirs() -> None:
    inherited = Origin(Cause.SET, None, "base.output=/data").as_inherited("base")
    assert flags(target(output=("/data",), origins={"output": inherited})) == []


def test_a_dockerfile_elsewhere_is_asked_for_alone() -> None:
    host = replace(HOST, exists=lambda path: not path.endswith(".rego"))
    assert flags(target(dockerfile="../other/app.Dockerfile"), host=host) == [
        "fs.read=../other/app.Dockerfile"
    ]


def test_an_image_layout_is_read() -> None:
    layout = f"oci-layout:///other/deep@sha256:{'a' * 64}"
    assert flags(target(contexts={"base": layout})) == ["fs.read=../other/deep"]


@pytest.mark.parametrize(
    ("variables", "remote", "found"),
    [
        ({}, True, ["network.host", "fs.read=../other"]),
        ({"BAKE_ALLOW_REMOTE_FS_ACCESS": "1"}, True, ["network.host"]),
        ({"BAKE_ALLOW_REMOTE_FS_ACCESS": "1"}, False, ["network.host", "fs.read=../other"]),
        ({"BUILDX_BAKE_ENTITLEMENTS_FS": "0"}, False, ["network.host"]),
        (
            {"BUILDX_BAKE_ENTITLEMENTS_FS": "1", "BAKE_ALLOW_REMOTE_FS_ACCESS": "1"},
            True,
            ["network.host", "fs.read=../other"],
        ),
    ],
)
def test_files_are_guarded_as_the_environment_says(
    variables: dict[str, str], remote: bool, found: list[str]
) -> None:
    host = replace(HOST, environment=variables)
    one = target(context="/other", network="host")
    made = plan(one, nodes=[engine()], host=host)
    assert [each.flag for each in missing(made, {"app": one}, (), host, remote=remote)] == found


def test_a_switch_that_is_no_boolean() -> None:
    with pytest.raises(UsageError, match="BUILDX_BAKE_ENTITLEMENTS_FS"):
        flags(target(), host=replace(HOST, environment={"BUILDX_BAKE_ENTITLEMENTS_FS": "perhaps"}))


def test_what_is_in_no_file_of_this_machine_is_not_asked_for() -> None:
    host = replace(HOST, environment={**HOST.environment, "TOKEN": "t"})
    apart = target(
        secret=("id=a,env=TOKEN",),
        cache_from=("type=registry,ref=a/b:cache",),
        cache_to=("type=registry,ref=a/b:cache",),
        output=("type=registry",),
        tags=("a/b",),
    )
    assert flags(apart, host=host) == []


def test_items_of_a_list_are_granted_when_all_of_them_stand_on_the_command_line() -> None:
    secrets = ("id=a,src=/etc/token", "id=b,src=/s")
    by_set = {"secret[0]": Origin(Cause.SET), "secret[1]": Origin(Cause.SET)}
    assert flags(target(secret=secrets, origins=by_set)) == []
    by_both = {"secret[0]": Origin(Cause.SET), "secret[1]": Origin(Cause.BLOCK)}
    assert flags(target(secret=secrets, origins=by_both)) == ["fs.read=../etc/token", "fs.read=../s"]


def test_caches_of_the_command_line_are_granted() -> None:
    caches: dict[str, Any] = {
        "cache_from": ("type=local,src=/c/x",),
        "cache_to": ("type=local,dest=/c/y",),
    }
    by_set = {"cache-from[0]": Origin(Cause.SET), "cache-to[0]": Origin(Cause.SET)}
    assert flags(target(**caches, origins=by_set)) == []
    by_file = {"cache-from[0]": Origin(Cause.BLOCK), "cache-to[0]": Origin(Cause.BLOCK)}
    assert flags(target(**caches, origins=by_file)) == ["fs.read=../c/x", "fs.write=../c/y"]
