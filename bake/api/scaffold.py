"""A first bake file for a project: what its Dockerfiles and compose files build, written as HCL.

Services of compose files come first, with all that they say of their builds; each Dockerfile that none of
them uses becomes a target of its own, named after its folder or its ending, tagged `NAME:${TAG}`; its context
is the nearest folder that has what it copies.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

from bake.errors import UsageError
from bake.record import record

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bake.host import Host

DEPTH = 4
"""How many folders deep Dockerfiles are looked for."""
PASSED_OVER = frozenset({"node_modules", "vendor", "venv", "__pycache__", "build", "dist", "target"})
DOCKERFILE = re.compile(r"(?:(?P<before>.+)\.)?(?:[Dd]ockerfile|Containerfile)(?:\.(?P<after>[^.~]+))?")
NO_DOCKERFILES = (".dockerignore", ".j2", ".tmpl", ".template", ".in", ".bak", ".orig", ".md")
"""Endings of files that are called like Dockerfiles but are none: patterns, templates, copies, notes."""
PREFACE = """
# What is built here. `pybake --print` shows it, `pybake` builds the group "default".

variable "TAG" {
  default = "latest"
}
"""


@record
class Scaffold:
    """The file's text, and what it was made from, relative to the working directory."""

    text: str
    found: tuple[str, ...]


def scaffold(host: Host) -> Scaffold:
    """The bake file for the working directory. Raises UsageError where nothing is built in it.

    Raises DefinitionError, or a group, for faults in compose files.
    """
    compose, services = _services(host)
    used = {_normal(target) for target in services.values()}
    dockerfiles = [path for path in _dockerfiles(host.working_directory) if path not in used]
    # `default` is the group's
    targets = {**services, **_targets(dockerfiles, {"default", *services}, host)}
    if not targets:
        raise UsageError(
            "nothing to build was found",
            detail=f"no Dockerfile and no compose file with a `build` is in {host.working_directory} "
            f"or up to {DEPTH} folders below",
            hint="write a Dockerfile first, then run pybake init again",
        )
    return Scaffold(_text(targets), (*compose, *dockerfiles))


def _text(targets: Mapping[str, Mapping[str, Any]]) -> str:
    from bake.model.writing import hcl

    needs_tag = any("${TAG}" in tag for target in targets.values() for tag in target.get("tags", ()))
    group = {"default": {"targets": sorted(targets)}}
    preface = PREFACE if needs_tag else PREFACE.split("\n\n")[0]
    return hcl({"group": group, "target": targets}, preface=preface)


def _services(host: Host) -> tuple[list[str], dict[str, dict[str, Any]]]:
    """The compose files of default names, and the targets that their services make."""
    from bake.api.definition import Files, load, reader
    from bake.model.writing import attributes
    from bake.read.lookup import DEFAULT_NAMES, read

    names = [name for name in DEFAULT_NAMES if "compose" in name]
    found = [name for name in names if host.exists(os.path.join(host.working_directory, name))]
    if not found:
        return [], {}
    reading = reader(Files(), host, lambda: b"")
    targets = load([read(name, reading) for name in found], host).targets
    return found, {name: attributes(target) for name, target in targets.items()}


def _normal(target: Mapping[str, Any]) -> str:
    context, dockerfile = target.get("context", "."), target.get("dockerfile", "Dockerfile")
    return str(os.path.normpath(os.path.join(context, dockerfile)))


def _dockerfiles(root: str) -> list[str]:
    """Their paths relative to `root`, the nearest ones first, of a folder's the one called `Dockerfile`."""
    found = [os.path.relpath(path, root) for path in _walk(root)]
    return sorted(found, key=_rank)


def _rank(path: str) -> tuple[int, str, bool, str]:
    folder, name = os.path.split(path)
    return path.count(os.sep), folder, name != "Dockerfile", name


def _walk(root: str) -> Iterator[str]:
    for folder, folders, names in os.walk(root):
        depth = os.path.relpath(folder, root).count(os.sep) + (folder != root)
        folders[:] = [
            name for name in folders if depth < DEPTH and name not in PASSED_OVER and not name.startswith(".")
        ]
        yield from (os.path.join(folder, name) for name in names if _is_dockerfile(name))


def _is_dockerfile(name: str) -> bool:
    return bool(DOCKERFILE.fullmatch(name)) and not name.endswith(NO_DOCKERFILES)


def _targets(paths: Sequence[str], taken: set[str], host: Host) -> dict[str, dict[str, Any]]:
    from bake.model.writing import Template

    targets = {}
    for path in paths:
        folder, name = os.path.split(path)
        target = _unique(_name(folder, name, host), taken)
        taken.add(target)
        context = _context(path, host.working_directory)
        where = {"context": context} if context else {}
        inside = os.path.relpath(path, context or ".")
        which = {"dockerfile": inside} if inside != "Dockerfile" else {}
        targets[target] = {**where, **which, "tags": [Template(f"{target.lower()}:${{TAG}}")]}
    return targets


def _context(path: str, root: str) -> str:
    """The nearest folder around a Dockerfile that has all it copies, its own if none has; "" is `root`."""
    from bake.plan.dockerfile import DockerfileError, copied

    try:
        with open(os.path.join(root, path), encoding="utf-8", errors="replace") as file:
            wanted = [source.lstrip("/") for source in copied(file.read())]
    except (OSError, DockerfileError):
        wanted = []
    folder = own = os.path.dirname(path)
    while not _has_all(os.path.join(root, folder), wanted):
        if not folder:
            return own
        folder = os.path.dirname(folder)
    return folder


def _has_all(folder: str, patterns: Sequence[str]) -> bool:
    from glob import iglob

    return all(any(iglob(pattern, root_dir=folder, include_hidden=True)) for pattern in patterns if pattern)


def _name(folder: str, name: str, host: Host) -> str:
    """`web` for `web/Dockerfile`, `dev` for `dev.Dockerfile` and `Dockerfile.dev`, else the project's."""
    match = DOCKERFILE.fullmatch(name)
    assert match is not None  # by it the name was found
    parts = [os.path.basename(folder), match["before"], match["after"]]
    words = [re.sub(r"[^a-zA-Z0-9_-]+", "-", part).strip("-") for part in parts if part]
    return "-".join(filter(None, words)) or _project(host)


def _project(host: Host) -> str:
    return re.sub(r"[^a-z0-9_-]+", "-", os.path.basename(host.working_directory).lower()).strip("-") or "app"


def _unique(name: str, taken: set[str]) -> str:
    number = 2
    wanted = name
    while wanted in taken:
        wanted, number = f"{name}-{number}", number + 1
    return wanted
