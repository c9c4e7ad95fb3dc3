"""`--push` and `--load`: which outputs they add and change (buildx 0.36.1, Target.AddOverrides)."""

from __future__ import annotations

from typing import Any

import pytest

from bake.errors import UsageError
from bake.host import Host
from bake.model.flags import Call, Selection, parse_call
from bake.model.printing import printed_target
from bake.model.selection import select
from tests.fakes.defining import defined


def outputs(written: str, **flags: Any) -> Any:
    body = f"output = {written}" if written else ""
    definition = defined(f'target "default" {{\n{body}\n}}\n')
    printed = printed_target(select(definition, Selection(**flags), Host()).targets["default"])
    return printed.get("output")


IMAGE, PUSHED, DOCKER = {"type": "image"}, {"push": "true", "type": "image"}, {"type": "docker"}
LOCAL, TAR = {"dest": "o", "type": "local"}, {"dest": "t", "type": "tar"}


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("", [PUSHED]),
        ('["type=docker"]', [DOCKER, PUSHED]),
        ('["type=image"]', [PUSHED]),
        ('["type=registry"]', [{"type": "registry"}]),
        ('["type=local,dest=o"]', [LOCAL]),
        ('["type=tar,dest=t"]', [TAR]),
        ('["type=cacheonly"]', [{"type": "cacheonly"}]),
    ],
)
def test_push(written: str, wanted: object) -> None:
    assert outputs(written, push=True) == wanted


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("", [DOCKER]),
        ('["type=docker"]', [DOCKER]),
        ('["type=docker,dest=d"]', [{"dest": "d", "type": "docker"}, DOCKER]),
        ('["type=image"]', [IMAGE, DOCKER]),
        ('["type=local,dest=o"]', [LOCAL]),
        ('["type=tar,dest=t"]', [TAR]),
        ('["type=cacheonly"]', [{"type": "cacheonly"}]),
    ],
)
def test_load(written: str, wanted: object) -> None:
    assert outputs(written, load=True) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", None),
        ("build", None),
        ("check", Call("lint")),
        ("outline,format=json", Call("outline", "json")),
        ("check,ignorestatus=1", Call("lint", "", True)),
    ],
)
def test_a_call_is_read(text: str, wanted: Call | None) -> None:
    assert parse_call(text) == wanted


@pytest.mark.parametrize("text", ["check,outline", "check,colour=red", "check,ignorestatus=maybe"])
def test_a_bad_call_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parse_call(text)


def field(name: str, written: str = "", **flags: Any) -> Any:
    """One field of target `default` after flags."""
    definition = defined(f'target "default" {{\n{written}\n}}\n')
    return printed_target(select(definition, Selection(**flags), Host()).targets["default"]).get(name)


PROVENANCE = {"mode": "max", "type": "provenance"}
STRICT = {"Files": None, "Reset": False, "Disabled": False, "Strict": True, "LogLevel": None}
DISABLED = {"Files": None, "Reset": False, "Disabled": True, "Strict": None, "LogLevel": None}


@pytest.mark.parametrize(
    ("name", "written", "flags", "wanted"),
    [
        ("no-cache", "no-cache = true", {"no_cache": False}, False),
        ("pull", "", {"pull": True}, True),
        ("pull", "", {}, None),
        ("call", 'call = "outline"', {"call": "check,format=json"}, "lint"),
        ("call", 'call = "outline"', {"call": "build"}, "outline"),
        ("attest", "", {"sbom": "true", "provenance": "mode=max"}, [{"type": "sbom"}, PROVENANCE]),
        ("attest", 'attest = ["type=sbom,a=b"]', {"sbom": "0"}, [{"disabled": True, "type": "sbom"}]),
        ("policy", "", {"policy": ("strict=true",)}, [STRICT]),
        ("policy", 'policy = ["filename=a.rego"]', {"policy": ("disabled=true",)}, [DISABLED]),
    ],
)
def test_a_flag_is_a_setting_of_all_targets(
    name: str, written: str, flags: dict[str, Any], wanted: object
) -> None:
    assert field(name, written, **flags) == wanted


@pytest.mark.parametrize(
    ("policy", "summary"),
    [
        (
            ("filename=a",),
            "--policy does not accept filename; define policy files in the bake definition",
        ),
        (
            ("reset=true",),
            "--policy does not accept reset; define policy composition in the bake definition",
        ),
        (("disabled=true,strict=true",), "disabled policy cannot be combined with other policy flags"),
        (("disabled=true", "strict=true"), "disabled policy cannot be combined with other policy flags"),
        (("bogus=1",), "invalid value bogus=1"),
    ],
)
def test_a_policy_that_is_refused(policy: tuple[str, ...], summary: str) -> None:
    with pytest.raises(UsageError) as caught:
        field("policy", policy=policy)
    assert caught.value.summary == summary


def test_a_bad_attestation_names_its_flag() -> None:
    with pytest.raises(UsageError, match="--provenance=mode") as caught:
        field("attest", provenance="mode")
    assert caught.value.summary == "invalid value mode"


def test_the_environments_time_is_an_argument_unless_there_is_one() -> None:
    host = Host(environment={"SOURCE_DATE_EPOCH": "7"})
    text = 'target "default" {}\ntarget "own" { args = { SOURCE_DATE_EPOCH = "1" } }\n'
    found = select(defined(text), Selection(("default", "own")), host).targets
    assert dict(found["default"].args) == {"SOURCE_DATE_EPOCH": "7"}
    assert dict(found["own"].args) == {"SOURCE_DATE_EPOCH": "1"}
