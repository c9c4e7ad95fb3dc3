from __future__ import annotations

from importlib import import_module

import pytest

from bake.cli.bake import command
from bake.cli.commands import COMMANDS
from bake.cli.options import SETTINGS, prepare, progress_mode
from bake.errors import UsageError
from bake.host import Host


@pytest.mark.parametrize(
    ("words", "call"),
    [
        ("", "build"),
        ("--check", "check"),
        ("--check=true --call=outline", "outline"),
        ("--call outline --check", "check"),
        ("--call=outline --check=false", "outline"),
    ],
)
def test_of_call_and_check_the_last_counts(words: str, call: str) -> None:
    context = command.make_context("bake", prepare(command, words.split()), **SETTINGS)
    assert context.params["call"] == call


OURS = {"__complete", "check", "completion", "doctor", "explain", "fmt", "graph", "init", "render"}


@pytest.mark.parametrize("name", sorted(COMMANDS.keys() - OURS))
def test_what_buildx_takes_with_every_command(name: str) -> None:
    taken = import_module(COMMANDS[name].module).command
    options = {word for one in taken.params for word in one.opts}
    assert {"-D", "--debug", "--builder"} <= options


@pytest.mark.parametrize(
    ("asked", "variable", "mode"),
    [(None, "", "auto"), (None, "plain", "plain"), ("auto", "plain", "plain"), ("quiet", "plain", "quiet")],
)
def test_the_environment_chooses_where_the_display_is_left_open(
    asked: str | None, variable: str, mode: str
) -> None:
    assert progress_mode(asked, Host(environment={"BUILDKIT_PROGRESS": variable})) == mode


def test_an_unknown_display() -> None:
    with pytest.raises(UsageError, match="invalid progress mode loud"):
        progress_mode(None, Host(environment={"BUILDKIT_PROGRESS": "loud"}))
