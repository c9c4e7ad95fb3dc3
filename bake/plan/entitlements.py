"""What a plan wants of this machine beyond its working directory, and what of that was granted.

Takes a plan and the values of `--allow`, gives the `Privilege`s that are missing. The rules are buildx's
(bake/entitlements.go, 0.36.1): the working directory is granted, symlinks are followed before judging, and
what a person wrote on the command line is granted by that, but for contexts and Dockerfiles. Other than
there, the wishes of all targets are united; there one target's can hide another's.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from bake.errors import UsageError
from bake.plan.contexts import local_trees
from bake.plan.features import is_set
from bake.record import record
from bake.source import Cause

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from bake.host import Host
    from bake.model.target import Target
    from bake.plan.records import Plan
    from bake.solve import Solve

FLAGS = ("network.host", "security.insecure", "ssh", "buildx.local.delete")
KEYS = ("device", "fs", "fs.read", "fs.write", "image", "image.push", "image.load")
FILESYSTEM_VARIABLE = "BUILDX_BAKE_ENTITLEMENTS_FS"
REMOTE_VARIABLE = "BAKE_ALLOW_REMOTE_FS_ACCESS"
_TEXTS = {
    "network.host": "Running build containers that can access host network",
    "security.insecure": "Running privileged containers that can make system changes",
    "device": "Access to CDI devices",
    "buildx.local.delete": "Deleting stale files from local output destinations",
    "ssh": "Forwarding default SSH agent socket",
    "fs": "Read and write access to path {}",
    "fs.read": "Read access to path {}",
    "fs.write": "Write access to path {}",
}
"""What is said of each key, in the order of buildx's question."""
_FILESYSTEM = frozenset(("ssh", "fs", "fs.read", "fs.write"))
_ON_THE_COMMAND_LINE = (Cause.SET, Cause.FLAG)


@record
class Privilege:
    """One thing to grant: `flag` is what `--allow=` takes, `text` says it to a person.

    `filesystem` ones are those that BUILDX_BAKE_ENTITLEMENTS_FS can switch off.
    """

    flag: str
    text: str
    filesystem: bool = False


def missing(
    plan: Plan, targets: Mapping[str, Target], allowed: Iterable[str], host: Host, *, remote: bool = False
) -> tuple[Privilege, ...]:
    """What `plan` wants and `allowed` does not grant, each once. `remote` says that the definition is.

    Raises UsageError for an unknown grant, and for a variable of the environment that is no boolean.
    """
    granted = grants(allowed)
    wanted = {wish for solve in plan.solves.values() for wish in _wishes(solve, targets[solve.target])}
    guarded = _guards_files(host, remote)
    return tuple(one for one in _judge(wanted, granted, host) if guarded or not one.filesystem)


def _guards_files(host: Host, remote: bool) -> bool:
    if FILESYSTEM_VARIABLE in host.environment:
        return is_set(host, FILESYSTEM_VARIABLE)
    return not (remote and is_set(host, REMOTE_VARIABLE))


def grants(allowed: Iterable[str]) -> dict[str, set[str]]:
    """What the values of `--allow` grant: keys with the values given. Raises UsageError."""
    granted: dict[str, set[str]] = {}
    for written in allowed:
        key, equals, value = written.partition("=")
        if key not in (*FLAGS, *KEYS) or (key in FLAGS and equals):
            raise UsageError(
                "Unknown entitlement", detail=f"`{written}` is not one of {', '.join((*FLAGS, *KEYS))}"
            )
        for one in ("fs.read", "fs.write") if key == "fs" else (key,):
            granted.setdefault(one, set()).add(value)
    return granted


def _wishes(solve: Solve, target: Target) -> Iterator[tuple[str, str]]:
    """(key, value) pairs, paths as they are."""
    for entitlement in solve.entitlements:
        key, _, value = entitlement.partition("=")
        if not _is_set(target, entitlement):
            yield key, value.split(",")[0]
    yield from _reads(solve, target)
    for index, entry in enumerate(target.ssh):
        if _is_written(target, f"ssh[{index}]") and not any(entry.paths):
            yield "ssh", ""
    for export in (one.whole or one for one in solve.exports):
        if export.path and _is_written(target, "output"):
            yield "fs.write", export.path
            if export.clean:
                yield "buildx.local.delete", ""
    for cache in solve.cache_exports:
        if cache.type == "local" and _is_written(target, "cache-to"):
            yield "fs.write", cache.attrs["dest"]


def _reads(solve: Solve, target: Target) -> Iterator[tuple[str, str]]:
    for name, path in local_trees(solve.locals).items():
        # of the Dockerfile's folder nothing but the Dockerfile is sent
        yield "fs.read", posixpath.join(path, solve.attrs["filename"]) if name == "dockerfile" else path
    for folder in solve.oci_layouts.values():
        yield "fs.read", folder
    for secret in solve.secrets:
        if secret.path and _is_written(target, "secret"):
            yield "fs.read", secret.path
    for agent in solve.ssh:
        if _is_written(target, "ssh"):
            yield from (("fs.read", path) for path in agent.paths)
    for cache in solve.cache_imports:
        if cache.type == "local" and _is_written(target, "cache-from"):
            yield "fs.read", cache.attrs["src"]


def _is_set(target: Target, entitlement: str) -> bool:
    """Whether an entitlement was asked for on the command line; a host network asks for its own."""
    origins = [target.origins.get(f"entitlements[{at}]") for at, _ in enumerate(target.entitlements)]
    found = [one for one, name in zip(origins, target.entitlements, strict=True) if name == entitlement]
    return any(one is not None and one.cause in _ON_THE_COMMAND_LINE for one in found)


def _is_written(target: Target, path: str) -> bool:
    """Whether the value comes from a file; what stands on the command line is granted by that."""
    field = path.partition("[")[0].partition(".")[0]
    items = [one for key, one in target.origins.items() if key == path or key.startswith(f"{path}[")]
    origins = items or [one for key, one in target.origins.items() if key == field]
    return not origins or any(one.cause not in _ON_THE_COMMAND_LINE for one in origins)


def _judge(wanted: set[tuple[str, str]], granted: Mapping[str, set[str]], host: Host) -> Iterator[Privilege]:
    paths: dict[str, set[str]] = {"fs.read": set(), "fs.write": set()}
    for key, value in sorted(wanted, key=_rank):
        if key in paths:
            resolved = host.resolve(value)
            if not _covers(granted.get(key, set()), resolved, host):
                paths[key].add(resolved)
        elif value not in granted.get(key, ()) and "" not in granted.get(key, ()):
            yield Privilege(f"{key}={value}" if value else key, _text(key, value), key in _FILESYSTEM)
    both = paths["fs.read"] & paths["fs.write"]
    for key, found in (
        ("fs", both),
        ("fs.read", paths["fs.read"] - both),
        ("fs.write", paths["fs.write"] - both),
    ):
        for path in _topmost(found):
            shown = _relative(path, host)
            yield Privilege(f"{key}={shown}", _TEXTS[key].format(shown), filesystem=True)


def _rank(wish: tuple[str, str]) -> tuple[int, str, str]:
    order = list(_TEXTS)
    return order.index(wish[0]) if wish[0] in order else len(order), *wish


def _text(key: str, value: str) -> str:
    return f"Access to device {value}" if key == "device" and value else _TEXTS.get(key, key)


def _covers(grants: set[str], path: str, host: Host) -> bool:
    """Whether one of the granted folders, or the working directory, holds `path`."""
    folders = [host.working_directory]
    granted = (one for one in grants if one != "*")
    folders += [host.absolute(one) for one in granted]
    return "*" in grants or any(_is_inside(path, host.resolve(folder)) for folder in folders)


def _is_inside(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def _topmost(paths: Iterable[str]) -> list[str]:
    """Those that lie in no other one."""
    found: list[str] = []
    for path in sorted(paths):
        if not any(_is_inside(path, folder) for folder in found):
            found.append(path)
    return found


def _relative(path: str, host: Host) -> str:
    """As seen from the working directory, unless that is far away."""
    relative = posixpath.relpath(path, host.resolve(host.working_directory))
    return path if relative.startswith("../..") else relative
