"""pybake as a plugin of Docker's command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bake.cli.plugin import split
from tools.engine.machine import ToolError
from tools.engine.packages import obtain

if TYPE_CHECKING:
    from tests.commands import Command


@pytest.mark.parametrize(
    ("words", "said", "rest"),
    [
        (["pybake", "app", "--push"], {}, ["app", "--push"]),
        (["--context", "c", "-D", "pybake", "ls"], {"DOCKER_CONTEXT": "c"}, ["ls"]),
        (["-H=tcp://x", "--log-level", "debug", "pybake"], {"DOCKER_HOST": "tcp://x"}, []),
        (["--config=/d", "pybake", "pybake"], {"DOCKER_CONFIG": "/d"}, ["pybake"]),
        (["ls"], {}, ["ls"]),
        (["--context", "c", "ls"], {}, ["--context", "c", "ls"]),
        (["--context"], {}, ["--context"]),
    ],
)
def test_words_of_docker_and_of_pybake(words: list[str], said: dict[str, str], rest: list[str]) -> None:
    assert split(words) == (said, rest)


@pytest.fixture
def plugin(pybake: Command) -> Command:
    return pybake.runs(Path(pybake.words[0]).with_name("docker-pybake"))


def test_it_tells_docker_what_it_is(plugin: Command) -> None:
    told = json.loads(plugin("docker-cli-plugin-metadata").ok().stdout)
    assert told["SchemaVersion"] == "0.1.0"
    assert told["Vendor"]
    assert told["ShortDescription"]


def test_docker_finds_and_runs_it(plugin: Command, home: Path) -> None:
    try:
        docker = obtain().program("docker")
    except ToolError as error:
        pytest.skip(f"docker's command line is not at hand: {error}")
    folder = home / "docker" / "cli-plugins"
    folder.mkdir(parents=True)
    (folder / "docker-pybake").symlink_to(plugin.words[0])
    (plugin.folder / "docker-bake.hcl").write_text('target "default" { tags = ["a:1"] }')
    command = plugin.runs(docker)
    assert "Declarative builds" in command("--help").stdout
    assert json.loads(command("pybake", "--print").ok().stdout)["target"]["default"]["tags"] == ["a:1"]
    missing = command("--context", "nowhere", "pybake", "bake")
    assert missing.code == 1
    assert "nowhere" in missing.stderr
