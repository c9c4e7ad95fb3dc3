"""Words to a command: bare targets, options before the command, Go's booleans."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import pytest

from bake.cli.arguments import TAKE_VALUE, dispatch, expand_booleans
from bake.cli.bake import command

if TYPE_CHECKING:
    from tests.commands import Command

COMMANDS = {"bake", "ls", "build", "history", "history ls"}


@pytest.mark.parametrize(
    ("words", "name", "rest"),
    [
        ([], "bake", []),
        (["app", "web"], "bake", ["app", "web"]),
        (["bake", "app"], "bake", ["app"]),
        (["bake", "ls"], "bake", ["ls"]),
        (["ls"], "ls", []),
        (["--print", "app"], "bake", ["--print", "app"]),
        (["-f", "build", "app"], "bake", ["-f", "build", "app"]),
        (["--file", "ls"], "bake", ["--file", "ls"]),
        (["--builder", "b", "ls", "-q"], "ls", ["--builder", "b", "-q"]),
        (["--file=x", "build", "."], "build", ["--file=x", "."]),
        (["--", "ls"], "bake", ["--", "ls"]),
        (["-", "ls"], "bake", ["-", "ls"]),
        (["history", "ls", "x"], "history ls", ["x"]),
        (["--builder", "b", "history", "--debug", "ls"], "history ls", ["--builder", "b", "--debug"]),
        (["history"], "history", []),
        (["history", "nothing"], "history", ["nothing"]),
        (["bake", "history", "ls"], "bake", ["history", "ls"]),
    ],
)
def test_dispatch(words: list[str], name: str, rest: list[str]) -> None:
    assert dispatch(words, COMMANDS) == (name, rest)


def test_every_option_of_bake_with_a_value_is_known_before_it_is_parsed() -> None:
    options = [option for option in command.params if isinstance(option, click.Option)]
    taking = {name for option in options if not option.is_flag for name in option.opts}
    assert taking <= TAKE_VALUE


def test_booleans_take_gos_values() -> None:
    flags = frozenset({"--push", "--pull"})
    words = ["--push=true", "--pull=F", "--push=maybe", "--set=a.pull=true", "--push"]
    assert expand_booleans(words, flags) == [
        "--push",
        "--pull--false",
        "--push=maybe",
        "--set=a.pull=true",
        "--push",
    ]


def test_a_mistyped_option_is_told_the_nearest(pybake: Command) -> None:
    done = pybake("--pussh")
    assert done.code == 1
    assert "'--push'" in done.stderr
    assert "false" not in done.stderr
