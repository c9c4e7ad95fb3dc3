"""What is wrong with the surroundings of a build, and what mends it: one check after the other.

Takes a `Host` and a builder's name, gives findings; nothing is changed, nothing started. Secrets are
looked up and never shown.
"""

from __future__ import annotations

import os
import shutil
import sys
import warnings
from typing import TYPE_CHECKING

from bake.builder import emulation
from bake.builder.look import TIMEOUT, look
from bake.builder.resolve import next_step, resolve
from bake.builder.site import Site
from bake.errors import BakeError
from bake.record import record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from bake.host import Host
    from bake.node import Builder, BuilderState, NodeState

OK, WARNING, ERROR = "ok", "warning", "error"
LOW = 5 << 30
"""Free bytes under which a disk is called short."""


@record
class Finding:
    """`level` is ok, warning or error; `mend` is the next step, "" where none is needed."""

    level: str
    topic: str
    text: str
    mend: str = ""


def examine(host: Host, name: str = "") -> list[Finding]:
    """Everything there is to say of this machine and of the builder `name` ("" for the current one)."""
    site = Site(host)
    checks: tuple[Callable[[], Iterator[Finding]], ...] = (
        _versions,
        lambda: _configuration(site),
        lambda: _builder(site, name),
        lambda: _credentials(site),
        lambda: _git(host),
        lambda: _proxies(site),
    )
    found: list[Finding] = []
    for check in checks:
        # what is wrong with the configuration keeps other checks from theirs, and is told once
        known = {one.text for one in found if one.level == ERROR}
        found += [one for one in _guarded(check) if one.text not in known]
    return found


def _guarded(check: Callable[[], Iterator[Finding]]) -> list[Finding]:
    found: list[Finding] = []
    try:
        found.extend(check())
    except BakeError as error:
        found.append(_fault("builder", error))
    return found


def _fault(topic: str, error: BakeError) -> Finding:
    return Finding(ERROR, topic, str(error), error.hint or "")


def _versions() -> Iterator[Finding]:
    from bake import __version__

    python = ".".join(map(str, sys.version_info[:3]))
    yield Finding(OK, "versions", f"pybake {__version__}, Python {python}, {sys.platform}")


def _configuration(site: Site) -> Iterator[Finding]:
    path = site.config_file
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        found = "read" if site.config else "none, which is fine"
    for one in told:
        yield Finding(ERROR, "configuration", str(one.message), f"fix or remove {path}")
    if not told:
        yield Finding(OK, "configuration", f"{path}: {found}")


def _builder(site: Site, name: str) -> Iterator[Finding]:
    builder = resolve(site, name)
    (state,) = look(site, [builder], TIMEOUT)
    if state.error:
        state.error.hint = next_step(site, builder, state.error)
        yield _fault("builder", state.error)
        return
    nodes = f"{len(builder.nodes)} node" + "s" * (len(builder.nodes) != 1)
    yield Finding(OK, "builder", f"{builder.name}, {builder.driver} driver, {nodes}")
    for node in state.nodes:
        yield from _node(site, state, node)
    yield from _emulation(site, state)


def _node(site: Site, state: BuilderState, node: NodeState) -> Iterator[Finding]:
    if node.error:
        yield _fault(f"node {node.node.name}", node.error)
        return
    if not node.workers:
        mend = f"pybake inspect --bootstrap {state.builder.name}; a build starts it too"
        yield Finding(OK, f"node {node.node.name}", node.status, mend)
        return
    yield Finding(OK, f"node {node.node.name}", f"{node.status}, BuildKit {node.version}")
    yield from _image_store(node, state.builder)
    yield from _disk(site, state.builder, node)


def _image_store(node: NodeState, builder: Builder) -> Iterator[Finding]:
    from bake.builder import docker

    if builder.driver != "docker" or docker.image_store(node.workers) == "containerd":
        return
    yield Finding(
        WARNING,
        "image store",
        "the Engine keeps images in its old store: no images of several platforms, no attestations",
        'turn on containerd\'s: {"features": {"containerd-snapshotter": true}} in daemon.json, '
        "or pybake create --use",
    )


def _emulation(site: Site, state: BuilderState) -> Iterator[Finding]:
    gaps = list(emulation.gaps(site, state))
    for gap in gaps:
        text = f"steps for {gap.platform} cannot run on node {gap.node}: {gap.reason}"
        yield Finding(WARNING, "platforms", text, gap.mend)
    workers = [worker for node in state.nodes for worker in node.workers]
    listed = {platform.architecture for worker in workers for platform in worker.platforms}
    if listed and not gaps:
        yield Finding(OK, "platforms", f"builds for {', '.join(sorted(listed))}")


def _disk(site: Site, builder: Builder, node: NodeState) -> Iterator[Finding]:
    """How full the disk is that an Engine on this machine keeps its data on."""
    from bake.builder.docker import address
    from bake.builder.engine_api import EngineApi

    if builder.driver != "docker" or not emulation.is_here(site, builder.driver, node.node):
        return
    root = EngineApi(address(site, node.node.endpoint)).get("/info").json().get("DockerRootDir", "")
    try:
        status = os.statvfs(root)
    except OSError:
        return
    free, whole = status.f_bavail * status.f_frsize, status.f_blocks * status.f_frsize
    text = f"{free / 1e9:.1f} of {whole / 1e9:.1f} GB free in {root}"
    if free < LOW:
        yield Finding(WARNING, "disk", text, "make room: pybake prune, docker image prune")
    else:
        yield Finding(OK, "disk", text)


def _credentials(site: Site) -> Iterator[Finding]:
    config = site.config
    path = site.host.environment.get("PATH") or os.defpath
    helpers = {str(helper) for helper in (config.get("credHelpers") or {}).values()}
    helpers |= {str(config["credsStore"])} if config.get("credsStore") else set()
    for helper in sorted(helpers):
        program = f"docker-credential-{helper}"
        if shutil.which(program, path=path):
            yield Finding(OK, "credentials", f"{program} is there")
        else:
            mend = f"install it, or take it out of {site.config_file}"
            yield Finding(ERROR, "credentials", f"{program} is configured and not on PATH", mend)
    logins = sorted(config.get("auths") or {})
    if logins:
        yield Finding(OK, "credentials", f"logged in to {', '.join(logins)}")
    elif not helpers:
        text = "no registry is logged in to: only public images are pulled, none is pushed"
        yield Finding(OK, "credentials", text, "docker login REGISTRY")


def _git(host: Host) -> Iterator[Finding]:
    path = shutil.which("git", path=host.environment.get("PATH") or os.defpath)
    if path:
        yield Finding(OK, "git", path)
    else:
        text = "git is not on PATH: templates and provenance get no facts of the repository"
        yield Finding(WARNING, "git", text, "install git")


def _proxies(site: Site) -> Iterator[Finding]:
    """Names only: a proxy's address may hold a password."""
    names = sorted(set(site.proxies))
    if names:
        yield Finding(OK, "proxy", f"every build gets {', '.join(names)} from Docker's configuration")


def worst(findings: Sequence[Finding]) -> str:
    """The gravest level among them."""
    levels = [finding.level for finding in findings]
    return next((level for level in (ERROR, WARNING) if level in levels), OK)
