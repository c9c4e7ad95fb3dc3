"""The `local` driver: an engine that pybake starts itself, for people who have none.

`buildkitd` or `dockerd`, from PATH or from the folder that `tools/` fills, runs behind a keeper, answers on
a private unix socket, is there for the next run, and is stopped when nobody has used it for a while. Its
cache stays. Options: `program` (a name or a path), `idle-timeout` (a Go duration, 0 for never), `root` (an
absolute folder for its cache).
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from bake.builder import docker
from bake.builder.driver import DEFAULT_LOAD, LATER, Status
from bake.builder.local import place, programs
from bake.buildkit import endpoint
from bake.errors import BuilderError
from bake.node import Builder, Node

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bake.builder.local.place import Place
    from bake.builder.site import Site
    from bake.buildkit.control import Worker

NAME = "local"
BOOTING = "[internal] starting an engine of pybake's own"
PATIENCE = 60.0
"""Seconds that an engine has to answer."""
_PAUSE = 0.05


def builder() -> Builder:
    """The builder that needs no `create`."""
    return Builder(NAME, NAME, (Node("local0", NAME),))


def can_start(site: Site) -> bool:
    """Whether there is a program to start."""
    return programs.find(site.host.environment) is not None


def check(node: Node) -> None:
    programs.parse(node)


def dial(site: Site, node: Node) -> endpoint.Endpoint:
    where = place.of(site, node)
    address = endpoint.UnixAddress(where.socket)
    program = where.program or programs.choose(site, node).name
    return endpoint.Engine(address) if program == programs.DOCKERD else endpoint.Daemon(address)


def info(site: Site, node: Node) -> Status:
    where = place.of(site, node)
    if not where.is_kept():
        return Status.STOPPED if os.path.isdir(where.data) else Status.INACTIVE
    return Status.RUNNING if where.answers() else Status.STARTING


def version(site: Site, node: Node) -> str:
    if place.of(site, node).program != programs.DOCKERD:
        return ""
    from bake.builder.engine_api import EngineApi

    found = EngineApi(endpoint.UnixAddress(place.of(site, node).socket)).get("/version").json()
    return str(found.get("Version") or "")


def start(site: Site, node: Node, say: Callable[[str], None]) -> None:
    """Raises BuilderError, with the end of the engine's log, if it does not answer in time."""
    where = place.of(site, node)
    with where.starting(PATIENCE):
        if where.is_kept() and where.answers():
            return
        program = programs.choose(site, node)
        options = programs.parse(node)
        idle = f"stops after {options.idle} without work" if options.idle_seconds else "runs on"
        say(f"{program.name} from {os.path.dirname(program.path)}; it {idle}, `pybake stop` ends it")
        where.make()
        _await(where, programs.spawn(program, where, node, site))


def _await(where: Place, ended: Callable[[], bool]) -> None:
    import time

    deadline = time.monotonic() + PATIENCE
    while not where.answers():
        if ended() or time.monotonic() > deadline:
            raise BuilderError(
                "The private engine did not start",
                detail=f"its log ends with:\n{where.tail()}",
                hint=f"look at {where.log}, or use another engine: DOCKER_HOST, --builder",
            )
        time.sleep(_PAUSE)


def stop(site: Site, node: Node) -> None:
    """Raises BuilderError if it does not end."""
    _end(place.of(site, node))


def remove(site: Site, node: Node, *, keep_state: bool, keep_daemon: bool) -> None:
    where = place.of(site, node)
    if not keep_daemon:
        _end(where)
        where.clear(keep_data=keep_state)


def _end(where: Place) -> None:
    from bake.builder.local import bridge

    where.end()
    bridge.remove(programs.bridge(where)[0])  # a keeper that was killed has left it


def features(node: Node, workers: Sequence[Worker]) -> frozenset[str]:
    return docker.features(node, workers) if docker.is_engine(workers) else LATER - {DEFAULT_LOAD}
