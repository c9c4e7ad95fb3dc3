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
HEADER = 64
OWN = 0x70790000
"""Flags that no other program has in its header: an emulator registered for these is there for ours alone.
An engine that meets one for the whole architecture says from then on that it builds for it."""


def program(machine_number: int, code: bytes) -> bytes:
    """The smallest ELF executable: a header, one segment, the code."""
    start = 0x10000
    offset = HEADER + 56
    header = b"\x7fELF\x02\x01\x01".ljust(16, b"\0") + struct.pack(
        "<HHIQQQIHHHHHH", 2, machine_number, 1, start + offset, HEADER, 0, OWN, HEADER, 56, 1, 0, 0, 0
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
def alone() -> Iterator[None]:
    """Nobody else registers the architecture meanwhile, and in the end nobody has."""
    with locked(machine.STATE / f"{ARCHITECTURE}.lock"):
        emulation.undo(ARCHITECTURE)
        yield
        emulation.undo(ARCHITECTURE)


def register(program: Path, interpreter: str) -> None:
    """Have programs that begin as this one run by `interpreter`."""
    magic = "".join(f"\\x{byte:02x}" for byte in program.read_bytes()[:HEADER])
    line = f":{emulation.name(ARCHITECTURE)}:M::{magic}::{interpreter}:{emulation.FLAGS}"
    (emulation.BINFMT / "register").write_text(line)


@pytest.mark.usefixtures("alone")
def test_a_missing_emulator_is_explained_and_one_that_is_registered_works(
    pybake: Command, project: Path, tools: Tools
) -> None:
    failed = pybake("--set=*.args.RUN=without")
    assert failed.code == 1
    assert f"linux/{ARCHITECTURE} is foreign to the machine of node `default`" in failed.stderr
    assert f"no emulator of {ARCHITECTURE} is registered with binfmt_misc" in failed.stderr
    assert f"docker run --privileged --rm tonistiigi/binfmt --install {ARCHITECTURE}" in failed.stderr

    register(project / "exit", tools.program(f"qemu-{ARCHITECTURE}"))
    pybake("--set=*.args.RUN=with").ok()


def test_a_program_for_another_platform_is_called_that(pybake: Command, project: Path) -> None:
    text = (project / "docker-bake.hcl").read_text()
    (project / "docker-bake.hcl").write_text(text.replace(ARCHITECTURE, machine.architecture()))
    failed = pybake()
    assert failed.code == 1
    assert f"the program in the image is not one for linux/{machine.architecture()}" in failed.stderr
