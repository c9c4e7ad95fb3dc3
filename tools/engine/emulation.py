"""Programs of another architecture, run by QEMU through the kernel's binfmt_misc.

A registration is machine-wide and stays until it is taken back or the machine restarts. One that is
there already and fit for containers is left alone; ours carry the name `pybake-<architecture>`.
"""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from tools.engine import machine
from tools.engine.locks import locked
from tools.engine.machine import ToolError

if TYPE_CHECKING:
    from tools.engine.packages import Tools

BINFMT = Path("/proc/sys/fs/binfmt_misc")
FLAGS = "OCPF"
"""O and C: open the binary and take its credentials; P: keep argv[0], or a busybox that starts itself as
another applet is lost; F: hold the interpreter, so containers have it too."""

FOREIGN = {"amd64": "aarch64", "arm64": "x86_64"}
"""The machine → the architecture emulated for the second platform, in QEMU's words."""


def name(architecture: str) -> str:
    """The name of our registration for an architecture in QEMU's words."""
    return f"pybake-{architecture}"


def ensure(tools: Tools) -> str:
    """Have the second platform emulated; gives what was changed, or ``."""
    architecture = FOREIGN[machine.architecture()]
    with locked(machine.STATE / "binfmt.lock"):
        changes = _mount()
        if not _served(tools, architecture):
            (BINFMT / "register").write_bytes(_line(tools, architecture))
            changes.append(f"registered {BINFMT / name(architecture)}")
            if not _served(tools, architecture):
                raise ToolError(f"The kernel took the registration of {architecture}, but does not use it.")
    return "; ".join(changes)


def undo(architecture: str | None = None) -> bool:
    """Take our registration back; False when there was none."""
    entry = BINFMT / name(architecture or FOREIGN[machine.architecture()])
    with locked(machine.STATE / "binfmt.lock"):
        if not entry.exists():
            return False
        entry.write_text("-1")
        return True


def _mount() -> list[str]:
    if (BINFMT / "register").exists():
        return []
    mount = ["mount", "-t", "binfmt_misc", "binfmt_misc", str(BINFMT)]
    done = subprocess.run(mount, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ToolError(f"`{' '.join(mount)}` failed: {done.stderr.strip()}")
    return [f"mounted {BINFMT}"]


def _line(tools: Tools, architecture: str) -> bytes:
    """The package's own line, `:name:M:offset:magic:mask:interpreter:flags`, under our name."""
    _, _, *rule, _, _ = (tools.folder / f"binfmt/qemu-{architecture}.conf").read_text().split(":")
    return ":".join(["", name(architecture), *rule, tools.program(f"qemu-{architecture}"), FLAGS]).encode()


def _served(tools: Tools, architecture: str) -> bool:
    """Whether an enabled registration matches the architecture's programs, in containers as well."""
    magic = _line(tools, architecture).split(b":")[4].decode("unicode_escape").encode("latin-1").hex()
    for entry in BINFMT.iterdir():
        if entry.name in ("register", "status"):
            continue
        text = entry.read_text()
        flags = next((line for line in text.splitlines() if line.startswith("flags:")), "")
        if text.startswith("enabled") and f"magic {magic}" in text and "F" in flags.removeprefix("flags:"):
            return True
    return False
