"""Which program the private engine is, and how it is run.

As root `buildkitd` or `dockerd`; for others the same under `rootlesskit`, or `dockerd-rootless.sh`.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from glob import escape, glob
from typing import TYPE_CHECKING

from bake.builder.options import Option, absolute, path, settings
from bake.errors import BuilderError
from bake.quantities import parse_seconds
from bake.record import record

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bake.builder.local.place import Place
    from bake.builder.site import Site
    from bake.node import Node

BUILDKITD, DOCKERD = "buildkitd", "dockerd"
NAMES = (BUILDKITD, DOCKERD)
ROOTLESS = {BUILDKITD: "rootlesskit", DOCKERD: "dockerd-rootless.sh"}
"""What runs each of them without root."""
IDLE = "10m"


@record
class Program:
    """`name` is one of `NAMES`. `runner` runs it without root, "" as root. `libraries` is a folder of
    shared ones that it needs, "" for none."""

    name: str
    path: str
    runner: str = ""
    libraries: str = ""


@record
class Options:
    """`program` "" is whichever is found; `idle` is a duration, 0 for ever; `root` "" is the usual folder."""

    program: str = ""
    idle: str = IDLE
    root: str = ""

    @property
    def idle_seconds(self) -> float:
        return parse_seconds(self.idle)


def parse(node: Node) -> Options:
    """The options of a node. Raises BuilderError."""
    found = settings(node, _TABLE, "local driver")
    if node.files:
        raise BuilderError("setting config file is not supported for local driver")
    return Options(**found)


def _idle(value: str) -> str | None:
    if value and parse_seconds(value) < 0:
        raise ValueError("expected a time from 0 on")
    return value or None


def _root(value: str) -> str | None:
    return absolute(value) if value else None


_TABLE = {
    "idle-timeout": Option(
        "idle",
        _idle,
        "invalid value '{value}' for {name}",
        "write 30m, 1h30m, or 0 for an engine that runs until it is stopped",
    ),
    "program": Option("program"),
    "root": replace(path("root"), read=_root),
}


def find(environment: Mapping[str, str], wanted: str = "") -> Program | None:
    """The first program that can be run here, `wanted` being its name or path; None if there is none."""
    if not sys.platform.startswith("linux"):
        return None
    path, tools = environment.get("PATH") or os.defpath, _tools_folder(environment)
    for name in (wanted,) if wanted else NAMES:
        for folders, libraries in ((path, ""), (f"{tools}/bin", f"{tools}/lib")):
            found = shutil.which(name, path=folders)
            program = Program(_kind(name), found, libraries=libraries) if found else None
            if program and (runnable := _for_person(program, path)):
                return runnable
    return None


def _kind(name: str) -> str:
    return DOCKERD if DOCKERD in os.path.basename(name) else BUILDKITD


def _for_person(program: Program, path: str) -> Program | None:
    if not os.geteuid():
        return program
    runner = shutil.which(ROOTLESS[program.name], path=path)
    return replace(program, runner=runner) if runner else None


def _tools_folder(environment: Mapping[str, str]) -> str:
    """Where `tools/engine` keeps the programs that it took from Debian."""
    home = environment.get("HOME", "")
    cache = environment.get("XDG_CACHE_HOME") or os.path.join(home, ".cache")
    folders = glob(os.path.join(escape(cache), "pybake-tools", "*", "bin", DOCKERD))
    return os.path.dirname(os.path.dirname(max(folders, key=os.path.getmtime))) if folders else "/nowhere"


def choose(site: Site, node: Node) -> Program:
    """Raises BuilderError where none is found."""
    wanted = parse(node).program
    found = find(site.host.environment, wanted)
    if found is None:
        raise BuilderError(
            f"no engine can be started: {wanted or ' and '.join(NAMES)} cannot be run here",
            detail="looked on PATH"
            + ("" if not os.geteuid() else f", with {' and '.join(ROOTLESS.values())}"),
            hint="install buildkitd or dockerd, or name an engine with DOCKER_HOST or --builder",
        )
    return found


def spawn(program: Program, where: Place, node: Node, site: Site) -> Callable[[], bool]:
    """Start the keeper, which starts `program`; gives whether it has ended."""
    environment = _environment(program, site.host.environment)
    options = parse(node)
    order = {
        "program": program.name,
        "command": command(program, where, node, environment["PATH"]),
        "environment": environment,
        "idle": options.idle_seconds,
        "runtime": where.runtime,
        "bridge": bridge(where) if program.name == DOCKERD and not program.runner else [],
    }
    keeper = subprocess.Popen(
        [sys.executable, "-m", "bake.builder.local.keeper"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        env=environment,
        start_new_session=True,
    )
    assert keeper.stdin is not None
    keeper.stdin.write(json.dumps(order).encode())
    keeper.stdin.close()
    return lambda: keeper.poll() is not None


def command(program: Program, where: Place, node: Node, path: str) -> list[str]:
    """The engine's command line; what it is configured with stands in its runtime folder."""
    runner = [program.runner] if program.runner else []
    if program.name == DOCKERD:
        settings = json.dumps(engine_settings(program, where, path), indent=2)
        with open(where.config, "w", encoding="ascii") as file:
            file.write(settings)
        start = runner or [program.path]
        return [*start, f"--config-file={where.config}", *node.buildkitd_flags]
    state = ["--state-dir", os.path.join(where.runtime, "rootlesskit")] if runner else []
    worker = ["--oci-worker=true", "--containerd-worker=false"]
    return [
        *runner, *state, program.path, "--root", where.data, "--addr", f"unix://{where.socket}", *worker,
        *node.buildkitd_flags,
    ]  # fmt: skip


def engine_settings(program: Program, where: Place, path: str) -> dict[str, object]:
    """daemon.json: nothing of it meets another engine on the machine. `path` is the engine's PATH."""
    exec_root = os.path.join(where.runtime, "exec")
    settings: dict[str, object] = {
        "features": {"containerd-snapshotter": True},
        "data-root": where.data,
        "exec-root": exec_root,
        "pidfile": os.path.join(where.runtime, "dockerd.pid"),
        "hosts": [f"unix://{where.socket}"],
        "userland-proxy": False,
    }
    if program.runner:
        return settings
    name = os.path.basename(where.runtime)
    settings |= {
        "bridge": bridge(where)[0],
        "containerd-namespace": name,
        "containerd-plugins-namespace": f"{name}-plugins",
    }
    if shutil.which("iptables", path=path) is None:
        # without it an Engine does not start; its build steps reach no further than the machine
        settings |= {"iptables": False, "ip6tables": False, "ip-forward": False, "ip-masq": False}
    return settings


def bridge(where: Place) -> list[str]:
    """Name and address of an Engine's own bridge, in a range that RFC 2544 keeps free."""
    digest = where.runtime[-8:]
    return [f"pybake{digest}", f"198.19.{int(digest[:2], 16)}.1"]


def _environment(program: Program, environment: Mapping[str, str]) -> dict[str, str]:
    """With the programs that stand beside this one on PATH: containerd, runc."""
    path = f"{os.path.dirname(program.path)}:{environment.get('PATH') or os.defpath}"
    libraries = {"LD_LIBRARY_PATH": program.libraries} if program.libraries else {}
    return {**environment, "PATH": path, **libraries}
