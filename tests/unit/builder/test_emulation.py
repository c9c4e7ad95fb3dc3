"""What binfmt_misc has registered, and what is wrong with it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bake import platforms
from bake.builder.emulation import FOLDER, Handler, Machine, gaps, handler, lack, this_machine
from bake.builder.site import Site
from bake.host import Host
from bake.node import Builder, BuilderState, Node, NodeState
from bake.worker import Worker

if TYPE_CHECKING:
    from pathlib import Path

ARM64 = """enabled
interpreter /usr/bin/qemu-aarch64-static
flags: OCF
offset 0
magic 7f454c460201010000000000000000000200b700
mask ffffffffffffff00fffffffffffffffffeffffff
"""
S390X = ARM64.replace("7f454c46020101", "7f454c46020201").replace("0200b700", "00020016")
PYTHON = "enabled\ninterpreter /usr/bin/python3.11\nflags: \noffset 0\nmagic a70d0d0a\n"

GOOD = Handler("qemu-aarch64", "arm64", "/usr/bin/qemu-aarch64-static", "OCF", True)
MACHINE = Machine((6, 1), True, True, (GOOD,))


def test_registrations_are_read() -> None:
    assert handler("qemu-aarch64", ARM64) == GOOD
    found = handler("qemu-s390x", S390X)
    assert found
    assert found.architecture == "s390x"
    assert handler("python3.11", PYTHON) is None
    off = handler("qemu-aarch64", ARM64.replace("enabled", "disabled"))
    assert off
    assert not off.enabled


def test_a_folder_is_read(tmp_path: Path) -> None:
    assert not this_machine(str(tmp_path)).mounted
    (tmp_path / "register").touch()
    (tmp_path / "status").write_text("enabled\n")
    (tmp_path / "python3.11").write_text(PYTHON)
    (tmp_path / "qemu-aarch64").write_text(ARM64)
    machine = this_machine(str(tmp_path))
    assert (machine.mounted, machine.enabled, machine.handlers) == (True, True, (GOOD,))
    assert machine.kernel > (3, 0)


@pytest.mark.parametrize(
    ("machine", "reason", "mend"),
    [
        (replace(MACHINE, kernel=(4, 4)), "its kernel, 4.4, is older than 4.8", "native node"),
        (replace(MACHINE, mounted=False), f"{FOLDER} is not mounted", "mount -t binfmt_misc"),
        (replace(MACHINE, enabled=False), "binfmt_misc is switched off", f"echo 1 > {FOLDER}/status"),
        (replace(MACHINE, handlers=()), "no emulator of arm64 is registered", "binfmt --install arm64"),
        (
            replace(MACHINE, handlers=(replace(GOOD, enabled=False),)),
            "the emulator qemu-aarch64 is switched off",
            f"echo 1 > {FOLDER}/qemu-aarch64",
        ),
        (
            replace(MACHINE, handlers=(replace(GOOD, flags="OC"),)),
            "without the flag F: containers lack /usr/bin/qemu-aarch64-static",
            f"echo -1 > {FOLDER}/qemu-aarch64; docker run --privileged",
        ),
    ],
)
def test_what_is_lacking(machine: Machine, reason: str, mend: str) -> None:
    found = lack(machine, platforms.parse("linux/arm64"))
    assert found
    assert reason in found.reason
    assert mend in found.mend


def test_nothing_is_lacking() -> None:
    assert lack(MACHINE, platforms.parse("linux/arm64")) is None
    second = replace(GOOD, name="other")
    broken = replace(GOOD, flags="")
    assert lack(replace(MACHINE, handlers=(broken, second)), platforms.parse("linux/arm64")) is None


@pytest.mark.parametrize(
    ("nodes", "missing"),
    [
        (["linux/amd64 linux/386"], ["a linux/arm64"]),
        (["linux/amd64 linux/arm64"], []),
        (["linux/amd64", "linux/arm64/v9"], []),
        (["linux/amd64", "linux/386"], ["a linux/arm64", "b linux/arm64"]),
        (["windows/amd64"], []),
        ([""], []),
    ],
)
def test_a_gap_is_what_no_node_of_the_builder_has(nodes: list[str], missing: list[str]) -> None:
    states = tuple(
        NodeState(
            Node(name, "tcp://elsewhere:1"),
            "running",
            (Worker(name, platforms=platforms.parse_list(listed.split())),) if listed else (),
        )
        for name, listed in zip("ab", nodes, strict=False)
    )
    state = BuilderState(Builder("b", "remote", tuple(one.node for one in states)), "", states)

    found = list(gaps(Site(Host()), state))

    assert [f"{gap.node} {gap.platform}" for gap in found] == missing
    assert all("binfmt --install arm64" in gap.mend for gap in found)
