"""The machine pybake runs on, as the `Host` that the pure rooms are given."""

from __future__ import annotations

import errno
import os
import time
from typing import TYPE_CHECKING

from bake.host import Host

if TYPE_CHECKING:
    from collections.abc import Mapping


def this_machine(environment: Mapping[str, str] | None = None, directory: str | None = None) -> Host:
    """The real machine, seen from `directory` with `environment`: the process's own, where they are None.

    Raises UsageError if the process's own directory is not there any more.
    """
    from bake.platforms import local_platform

    environment = os.environ if environment is None else environment
    system = os.uname()  # as the module platform has it, which takes a while to import
    return Host(
        environment=dict(environment),
        working_directory=os.path.abspath(directory or _working_directory()),
        home=environment.get("HOME") or os.path.expanduser("~"),
        platform=local_platform(system.sysname, system.machine),
        now=time.time,
        random=os.urandom,
        read=_read,
        exists=os.path.exists,
        is_dir=os.path.isdir,
        resolve=_resolve,
    )


def _working_directory() -> str:
    try:
        return os.getcwd()
    except OSError as exc:
        from bake.errors import UsageError

        raise UsageError(
            "The working directory cannot be found",
            detail=exc.strerror or "",
            hint="change to one that exists",
        ) from exc


def cache_folder(host: Host) -> str:
    """The user's private cache folder for pybake: XDG's, or ~/Library/Caches on macOS."""
    base = host.environment.get("XDG_CACHE_HOME")
    if not base:
        is_mac = host.platform is not None and host.platform.os == "darwin"
        base = os.path.join(host.home, "Library/Caches" if is_mac else ".cache")
    return os.path.join(base, "pybake")


def read_stdin() -> bytes:
    """Standard input, whole."""
    return _read_whole(0)


def _resolve(path: str) -> str:
    """`path` with its links followed; a text with a null byte, for which Python has a ValueError, names
    nothing that could be a link."""
    return os.path.abspath(path) if "\0" in path else os.path.realpath(path)


def _read(path: str) -> bytes:
    if "\0" in path:
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL), path)
    return _read_whole(path)


def _read_whole(path: str | int) -> bytes:
    # Unbuffered, for the lock of a buffer that is held at the end makes Python abort
    with open(path, "rb", buffering=0, closefd=path != 0) as file:
        return file.readall()
