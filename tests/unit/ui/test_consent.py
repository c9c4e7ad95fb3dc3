from __future__ import annotations

import pytest

from bake.ui.consent import ask, request

WISHES = [
    ("network.host", "Running build containers"),
    ("fs.read=../my docs", "Read access to path ../my docs"),
]


def test_where_nobody_can_be_asked_the_whole_command_is_shown() -> None:
    said = request(WISHES, ["pybake", "bake", "-f", "a b.hcl", "app"], asking=False, files=False)
    assert said == (
        "Your build is requesting privileges for following possibly insecure capabilities:\n"
        "\n"
        " - Running build containers\n"
        " - Read access to path ../my docs\n"
        "\n"
        "Pass \"--allow=network.host --allow='fs.read=../my docs'\" to grant requested privileges.\n"
        "\n"
        "Your full command with requested privileges:\n"
        "\n"
        "pybake bake --allow=network.host --allow='fs.read=../my docs' -f 'a b.hcl' app\n"
        "\n"
    )


def test_a_path_can_neither_forge_nor_hide_a_wish() -> None:
    path = "/home\n - Nothing else\x1b[2A\x1b[2K"
    wishes = [("ssh", "Forwarding SSH agent"), (f"fs.read={path}", f"Read access to path {path}")]
    said = request(wishes, ["pybake", path], asking=True, files=False)
    assert "\x1b" not in said
    lines = said.splitlines()
    assert lines[2:4] == [
        " - Forwarding SSH agent",
        " - Read access to path /home␊ - Nothing else␛[2A␛[2K",
    ]
    assert "--allow=ssh --allow='fs.read=/home␊ - Nothing else␛[2A␛[2K'" in lines[5]


def test_before_a_question() -> None:
    said = request(WISHES, ["pybake", "bake"], asking=True, files=True)
    assert "In order to not see this message in the future pass" in said
    assert said.endswith(
        "To disable filesystem entitlements checks, you can set BUILDX_BAKE_ENTITLEMENTS_FS=0 .\n\n"
    )


@pytest.mark.parametrize(
    ("command", "shown"),
    [
        (["pybake"], "pybake --allow=ssh"),
        (["pybake", "app"], "pybake --allow=ssh app"),
        (["pybake", "--debug", "bake", "app"], "pybake --debug bake --allow=ssh app"),
    ],
)
def test_flags_stand_where_they_are_understood(command: list[str], shown: str) -> None:
    assert f"\n{shown}\n" in request([("ssh", "SSH")], command, asking=False, files=False)


@pytest.mark.parametrize(
    ("answer", "granted"), [("y\n", True), ("Y", True), ("", False), ("yes\n", False), ("n\n", False)]
)
def test_only_a_y_grants(answer: str, granted: bool) -> None:
    shown: list[str] = []
    assert ask(shown.append, lambda: answer) is granted
    assert shown == ["Do you want to grant requested privileges and continue? [y/N] "]
