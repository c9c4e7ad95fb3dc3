"""A step of an architecture that nobody emulates: what the failure says, and that its mend mends it."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import pytest

from tools.engine import emulation, machine
from tools.engine.locks import locked

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.commands import Command
    from tools.engine.packages import Tools

ARCHITECTURE = "riscv64"
"""One that no other test needs."""
EXIT = struct.pack("<3I", 0x05D00893, 0x00000513, 0x00000073)
"""li a7, 93 (exit); li a0, 0; ecall."""


def program(machine_number: int, code: bytes) -> bytes:
    """The smallest ELF executable: a header, one segment, the code."""
    start = 0x10000
    offset = 64 + 56
    header = b"\x7fELF\x02\x01\x01".ljust(16, b"\0") + struct.pack(
        "<HHIQQQIHHHHHH", 2, machine_number, 1, start + offset, 64, 0, 0, 64, 56, 1, 0, 0, 0
    )
    size = offset + len(code)
    return header + struct.pack("<IIQQQQQQ", 1, 5, 0, start, start, size, size, 0x1000) + code


@pytest.fixture
def project(tmp_path: Path) -> Path:
    file = tmp_path / "exit"
    file.write_bytes(program(0xF3, EXIT))
    file.chmod(0o755)
    (tmp_path / "Dockerfile").write_text('FROM scratch\nCOPY exit /exit\nARG RUN\nRUN ["/exit"]\n')
    (tmp_path / "docker-bake.hcl").write_text(
        f'target "default" {{\n  platforms = ["linux/{ARCHITECTURE}"]\n  output = ["type=cacheonly"]\n}}\n'
    )
    return tmp_path


@pytest.fixture
def alone(tools: Tools) -> Iterator[Tools]:
    """Nobody else registers or removes the architecture meanwhile, and it ends as it began."""
    with locked(machine.STATE / f"{ARCHITECTURE}.lock"):
        was_ours = emulation.undo(ARCHITECTURE)
        yield tools
        emulation.undo(ARCHITECTURE)
        if was_ours:
            emulation.ensure(tools, ARCHITECTURE)


@pytest.mark.usefixtures("project")
def test_a_missing_emulator_is_explained_and_one_that_is_registered_works(
    pybake: Command, alone: Tools
) -> None:
    failed = pybake("--set=*.args.RUN=without")
    assert failed.code == 1
    assert f"linux/{ARCHITECTURE} is foreign to the machine of node `default`" in failed.stderr
    assert f"no emulator of {ARCHITECTURE} is registered with binfmt_misc" in failed.stderr
    assert f"docker run --privileged --rm tonistiigi/binfmt --install {ARCHITECTURE}" in failed.stderr

    emulation.ensure(alone, ARCHITECTURE)
    pybake("--set=*.args.RUN=with").ok()


def test_a_program_for_another_platform_is_called_that(pybake: Command, project: Path) -> None:
    text = (project / "docker-bake.hcl").read_text()
    (project / "docker-bake.hcl").write_text(text.replace(ARCHITECTURE, machine.architecture()))
    failed = pybake()
    assert failed.code == 1
    assert f"the program in the image is not one for linux/{machine.architecture()}" in failed.stderr
