"""What this machine is: takes nothing, gives facts, or a `ToolError` saying what else a person can do."""

from __future__ import annotations

import os
import platform
import shutil
from pathlib import Path

STATE = Path("/var/lib/pybake-tools")
"""Machine-wide folder of everything that runs: locks and the engines' folders. Root's alone."""

ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
"""The kernel's word for a machine → Debian's and OCI's."""

PROGRAMS = ("apt-get", "dpkg-deb", "tar", "mount", "setpriv", "unshare")
"""What is used of the machine itself; every Debian has them."""


class ToolError(Exception):
    """The machine cannot do what was asked; the message says what to do instead."""


def architecture() -> str:
    """Debian's name of the machine's architecture."""
    machine = platform.machine()
    if machine not in ARCHITECTURES:
        raise ToolError(f"No engine is prepared for {machine}; known: {', '.join(ARCHITECTURES)}.")
    return ARCHITECTURES[machine]


def codename() -> str:
    """The Debian release's code name, such as `bookworm`."""
    release = platform.freedesktop_os_release() if Path("/etc/os-release").exists() else {}
    if release.get("ID") != "debian" or "VERSION_CODENAME" not in release:
        name = release.get("PRETTY_NAME", platform.system())
        raise ToolError(f"This needs a Debian machine with apt-get; this is {name}.")
    return release["VERSION_CODENAME"]


def require() -> None:
    """Raise `ToolError` unless this is a Debian machine and we are root on it."""
    instead = (
        "Run it as root on Debian 12 or newer, for example in a privileged container or a virtual machine. "
        "The tests that need no engine run anywhere: .venv/bin/python -m pytest -m 'not engine'"
    )
    try:
        codename()
        architecture()
    except ToolError as error:
        raise ToolError(f"{error} {instead}") from None
    if os.geteuid() != 0:
        raise ToolError(f"Starting a Docker Engine takes root. {instead}")
    missing = [name for name in PROGRAMS if not shutil.which(name)]
    if missing:
        raise ToolError(f"Not on PATH: {', '.join(missing)}. {instead}")


def cache() -> Path:
    """The per-user folder that all clones share."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "pybake-tools"
