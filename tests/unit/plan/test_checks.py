from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bake.errors import BakeError, flatten
from bake.model.target import Definition
from bake.plan.checks import check
from tests.fakes.planning import KEY, machine, target

if TYPE_CHECKING:
    from bake.host import Host
    from bake.model.target import Target


def complaints(*targets: Target, host: Host | None = None, terminal: bool = False) -> list[str]:
    """What is said against `targets`."""
    try:
        check(Definition(targets={one.name: one for one in targets}), host or machine(), terminal=terminal)
    except (BakeError, ExceptionGroup) as exc:
        return [str(fault) for fault in flatten(exc)]
    return []


def test_nothing_is_said_against_what_only_a_builder_can_judge() -> None:
    app = target(
        context="gone",
        network="bridge",
        call="nonsense",
        tags=("No Tag",),
        contexts={"a": "gone"},
        cache_from=("type=local",),
        output=("type=oci,dest=x.tar", "type=strange"),
    )
    assert complaints(app) == []


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"secret": ("id=a,src=./gone",)}, "`/w/gone`"),
        ({"secret": ("id=a", "env=B")}, "A secret needs an id"),
        ({"ssh": ("a=gone",)}, "SSH key or socket not found"),
        ({"context": "git@x.y:a/b.git"}, "SSH_AUTH_SOCK is not set"),
        ({"context": "-"}, "A context cannot come from standard input"),
        ({"dockerfile": "-"}, "A dockerfile cannot come from standard input"),
        ({"shm_size": "much"}, "Invalid shm-size"),
        ({"shm_size": ""}, "Invalid shm-size"),
        ({"ulimits": ("nofile",)}, "Invalid ulimits"),
        ({"resources": {"memory": "much"}}, "Invalid resources"),
        ({"platforms": ("linux/amd64/v1/x/y",)}, "Invalid platform"),
        ({"annotations": ("key",)}, "Invalid annotation"),
        ({"output": ("type=local",)}, "needs a folder as `dest`"),
        ({"output": ("type=local,dest=file",)}, "The destination folder is a file"),
        ({"output": ("type=tar,dest=folder",)}, "The destination file is a folder"),
        ({"output": ("type=tar", "type=oci")}, "Only one output can go to standard output"),
    ],
)
def test_what_cannot_be_built_anywhere(fields: dict[str, Any], said: str) -> None:
    host = machine({"/w/file": b""}, folders=["/w/folder"])
    assert said in complaints(target(**fields), host=host)[-1]


def test_what_is_there_passes() -> None:
    host = machine({"/w/key": KEY, "/w/secret": b""}, TOKEN="x")
    app = target(
        secret=("id=a,src=secret", "id=TOKEN"),
        ssh=("default=key",),
        shm_size="64m",
        ulimits=("nofile=1:2",),
        platforms=("linux/arm64",),
        annotations=("index:a=b",),
        output=("type=local,dest=out", "type=tar"),
    )
    assert complaints(app, host=host) == []


def test_a_terminal_takes_no_archive() -> None:
    app = target(output=("type=oci",))
    assert "not written to a terminal" in complaints(app, terminal=True)[0]


def test_all_targets_are_judged_together() -> None:
    found = complaints(target("a", secret=("id=a",), shm_size="x"), target("b", ssh=("a=b",)))
    assert [text.split(";")[0] for text in found] == [
        "Invalid shm-size",
        "Secret not found",
        "SSH key or socket not found",
    ]


def test_a_source_policy_is_read() -> None:
    host = machine({"/w/p.json": b"{"}, EXPERIMENTAL_BUILDKIT_SOURCE_POLICY="p.json")
    assert "Source policy cannot be read" in complaints(target(), host=host)[0]
