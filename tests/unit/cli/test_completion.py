"""Completion: what is offered, and that shells offer it."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tools.engine.machine import ToolError
from tools.engine.packages import obtain

if TYPE_CHECKING:
    from pathlib import Path

    from tests.commands import Command

BAKE_FILE = """
group "default" { targets = ["app"] }
group "apps" { targets = ["app", "web"] }
target "app" { description = "the app" }
target "web" {}
"""


@pytest.fixture
def complete(pybake: Command, home: Path) -> Command:
    (pybake.folder / "docker-bake.hcl").write_text(BAKE_FILE)
    (home / "buildx" / "instances").mkdir(parents=True)
    (home / "buildx" / "instances" / "farm").write_text(
        '{"Name": "farm", "Driver": "remote", "Nodes": [{"Name": "n", "Endpoint": "tcp://127.0.0.1:1"}]}'
    )
    return pybake


def offered(complete: Command, *words: str) -> list[str]:
    lines = complete("__complete", "--", *words).ok().stdout.splitlines()
    return [line.partition("\t")[0] for line in lines]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["ap"], ["apps", "app"]),
        (["fm"], ["fmt"]),
        (["bake", "w"], ["web"]),
        (["bake", "app", "we"], ["web"]),
        (["app", "f"], []),
        (["--pus"], ["--push", "--push-when-all-succeed"]),
        (["--progress", "ra"], ["rawjson"]),
        (["--progress=ra"], ["--progress=rawjson"]),
        (["--progress", "=", "ra"], ["--progress=rawjson"]),
        (["--builder", "f"], ["farm"]),
        (["--set", "app.cache-t"], ["app.cache-to="]),
        (["-f", ""], [":files"]),
        (["--file=x"], [":files"]),
        (["completion", "z"], ["zsh"]),
        (["fmt", "x"], [":files"]),
        (["imagetools", "in"], ["inspect"]),
        (["history", ""], ["inspect", "logs", "ls", "rm"]),
        (["history", "inspect", ""], ["attachment"]),
        (["history", "inspect", "^1", ""], []),
        (["ls", "--forma"], ["--format"]),
    ],
)
def test_what_is_offered(complete: Command, words: list[str], expected: list[str]) -> None:
    assert offered(complete, *words) == expected


def test_explanations_stand_behind_a_tab(complete: Command) -> None:
    lines = complete("__complete", "--", "bake", "").ok().stdout.splitlines()
    assert lines == [
        "default\tgroup of app",
        "apps\tgroup of app, web",
        "app\tthe app",
        "web\ttarget",
    ]


def test_the_file_that_is_named_gives_the_targets(complete: Command) -> None:
    (complete.folder / "other.hcl").write_text('target "other" {}')
    assert offered(complete, "-f", "other.hcl", "bake", "o") == ["other"]
    assert offered(complete, "--file=other.hcl", "bake", "o") == ["other"]


@pytest.mark.parametrize("text", ["target {", 'target "a" { tags = [x] }', ""])
def test_a_file_with_faults_offers_nothing(complete: Command, text: str) -> None:
    (complete.folder / "docker-bake.hcl").write_text(text)
    assert offered(complete, "bake", "ap") == []


BASH = """
source <(pybake completion bash)
COMP_WORDS=(pybake {words}); COMP_CWORD={at}; _pybake
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
ZSH = """
_describe() {{ print -l "${{(@P)3}}" }}
_files() {{ print FILES }}
compdef() {{}}
source <(pybake completion zsh)
words=(pybake {words}); CURRENT={place}; _pybake
"""
FISH = "pybake completion fish | source; complete -C 'pybake {line}'"


@pytest.mark.parametrize(
    ("shell", "script", "expected"),
    [
        ("bash", BASH, "web\n"),
        ("zsh", ZSH, "web:target\n"),
        ("fish", FISH, "web\ttarget\n"),
    ],
)
def test_shells_offer_it(complete: Command, shell: str, script: str, expected: str) -> None:
    program, libraries = found(shell)
    folder = complete.words[0].rpartition("/")[0]
    path = f"{folder}:{complete.environment['PATH']}"
    text = script.format(words="bake we", at=2, place=3, line="bake we")
    run = complete.runs(program).where(PATH=path, **libraries)
    assert run("-c", text).ok().stdout == expected


def found(shell: str) -> tuple[str, dict[str, str]]:
    """This machine's shell, or Debian's, and the variables that it needs."""
    if program := shutil.which(shell):
        return program, {}
    try:
        tools = obtain()
    except ToolError as error:
        pytest.skip(f"{shell} is not at hand: {error}")
    return tools.program(shell), {"LD_LIBRARY_PATH": str(tools.folder / "lib")}


def test_an_unknown_shell(complete: Command) -> None:
    done = complete("completion", "tcsh")
    assert done.code == 1
    assert "'bash', 'zsh', 'fish'" in done.stderr
