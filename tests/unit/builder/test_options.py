from __future__ import annotations

import pytest

from bake.builder import remote
from bake.builder.local import programs
from bake.builder.options import ENVIRONMENT, Option, flag, path, settings
from bake.errors import BuilderError
from bake.node import Node

TABLE = {
    "count": Option("count", int, "no count: {why}", "write 1"),
    "folder": path("folder"),
    "limits.cpu": Option("limits.cpu"),
    "name": Option("name"),
    "old": Option("", flag),
    **ENVIRONMENT,
}


def node(options: dict[str, str]) -> Node:
    return Node("n", "", driver_opts=options)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, {}),
        ({"name": "a", "count": "0"}, {"name": "a", "count": 0}),
        ({"name": ""}, {}),
        ({"folder": "/a"}, {"folder": "/a"}),
        ({"limits.cpu": "1", "old": "true"}, {"limits": {"cpu": "1"}}),
        ({"env.A": "", "env.B.C": "1"}, {"environment": {"A": "", "B.C": "1"}}),
    ],
)
def test_what_options_set(options: dict[str, str], expected: dict[str, object]) -> None:
    assert settings(node(options), TABLE, "driver test") == expected


@pytest.mark.parametrize(
    ("options", "summary", "detail", "hint"),
    [
        (
            {"names": "a"},
            "invalid driver option names for driver test",
            "node `n` can have count, folder, limits.cpu, name, old, env.NAME",
            None,
        ),
        (
            {"limits.": "a"},
            "invalid driver option limits. for driver test",
            "node `n` can have count, folder, limits.cpu, name, old, env.NAME",
            None,
        ),
        (
            {"env": "a"},
            "invalid driver option env for driver test",
            "node `n` can have count, folder, limits.cpu, name, old, env.NAME",
            None,
        ),
        ({"env.": "a"}, 'invalid env option "env.", expecting env.FOO=bar', "", None),
        (
            {"count": "{x}"},
            "no count: invalid literal for int() with base 10: '{x}'",
            "node `n`: `count={x}`",
            "write 1",
        ),
        ({"folder": "a"}, "non-absolute path 'a' provided for folder", "node `n`: `folder=a`", None),
        ({"folder": ""}, "non-absolute path '' provided for folder", "node `n`: `folder=`", None),
        ({"old": "yes"}, "invalid value for old: expected true or false", "node `n`: `old=yes`", None),
    ],
)
def test_options_that_cannot_be(options: dict[str, str], summary: str, detail: str, hint: str | None) -> None:
    with pytest.raises(BuilderError) as raised:
        settings(node(options), TABLE, "driver test")
    assert (raised.value.summary, raised.value.detail, raised.value.hint) == (summary, detail, hint)


def test_options_of_the_local_driver() -> None:
    assert programs.parse(node({})) == programs.Options()
    assert programs.parse(node({"idle-timeout": "", "program": "", "root": ""})) == programs.Options()
    found = programs.parse(node({"idle-timeout": "1h30m", "program": "dockerd", "root": "/r"}))
    assert found == programs.Options("dockerd", "1h30m", "/r")
    assert found.idle_seconds == 5400
    assert programs.parse(node({"idle-timeout": "0"})).idle_seconds == 0


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"colour": "blue"}, "invalid driver option colour for local driver"),
        ({"idle-timeout": "soon"}, "invalid value 'soon' for idle-timeout"),
        ({"idle-timeout": "-1s"}, "invalid value '-1s' for idle-timeout"),
        ({"root": "here"}, "non-absolute path 'here' provided for root"),
    ],
)
def test_what_the_local_driver_refuses(options: dict[str, str], told: str) -> None:
    with pytest.raises(BuilderError, match=told):
        programs.parse(node(options))


def test_options_of_the_remote_driver() -> None:
    options = {"cacert": "/ca", "cert": "/c", "key": "/k", "servername": "s", "default-load": "t"}
    assert remote.parse(node(options)) == remote.Options("/ca", "/c", "/k", "s", default_load=True)
    assert remote.parse(node({"servername": ""})) == remote.Options()
