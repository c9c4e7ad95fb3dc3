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
