"""The machine pybake runs on, as the `Host` that the pure rooms are given."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from bake.host import Host

if TYPE_CHECKING:
    from collections.abc import Mapping


def this_machine(environment: Mapping[str, str] | None = None, directory: str | None = None) -> Host:
    """The real machine, seen from `directory` with `environment`: the process's own, where they are None."""
    from bake.platforms import local_platform

    environment = os.environ if environment is None else environment
    system = os.uname()  # as the module platform has it, which takes a while to import
    return Host(
        environment=dict(environment),
        working_directory=os.path.abspath(directory or os.getcwd()),
        home=environment.get("HOME") or os.path.expanduser("~"),
        platform=local_platform(system.sysname, system.machine),
        now=time.time,
        random=os.urandom,
        read=_read,
        exists=os.path.exists,
        is_dir=os.path.isdir,
        resolve=os.path.realpath,
    )


def cache_folder(host: Host) -> str:
    """The user's private cache folder for pybake: XDG's, or ~/Library/Caches on macOS."""
    base = host.environment.get("XDG_CACHE_HOME")
    if not base:
        is_mac = host.platform is not None and host.platform.os == "darwin"
        base = os.path.join(host.home, "Library/Caches" if is_mac else ".cache")
    return os.path.join(base, "pybake")


def _read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()
