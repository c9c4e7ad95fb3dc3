"""Where cache comes from and goes to.

Takes a target's entries, gives BuildKit's, with credentials of the environment filled in as buildx
does it (build/opt.go, 0.36.1) and local folders absolute. Entries that cannot work are left out where
buildx leaves them out: gha without a token, gha and s3 on a BuildKit without them.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from bake.plan.faults import fault
from bake.plan.features import CACHE_EXPORT, has_cap, is_true, unsupported
from bake.solve import CacheEntry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from bake.host import Host
    from bake.model import entries
    from bake.model.target import Target
    from bake.node import NodeFacts

_REQUIRED = {("local", "cache_from"): "src", ("local", "cache_to"): "dest"}
_REQUIRED |= {("registry", side): "ref" for side in ("cache_from", "cache_to")}
_CAPS = {"gha": "cache.gha", "s3": "cache.s3"}


def imports(target: Target, node: NodeFacts, host: Host) -> tuple[CacheEntry, ...]:
    """The caches to read. Raises DefinitionError."""
    return tuple(_usable(target, "cache_from", target.cache_from, node, host))


def exports(target: Target, node: NodeFacts, host: Host) -> tuple[CacheEntry, ...]:
    """The caches to write. Raises DefinitionError."""
    found = list(_usable(target, "cache_to", target.cache_to, node, host))
    if is_true(target.args.get("BUILDKIT_INLINE_CACHE", "")):
        found.append(CacheEntry("inline"))
    if CACHE_EXPORT not in node.features and any(one.type != "inline" for one in found):
        raise unsupported(target, "cache-to", CACHE_EXPORT, node)
    return tuple(found)


def _usable(
    target: Target, side: str, written: Iterable[entries.CacheEntry], node: NodeFacts, host: Host
) -> Iterable[CacheEntry]:
    for index, entry in enumerate(written):
        required = _REQUIRED.get((entry.type, side))
        if required and not entry.attrs.get(required):
            raise fault(
                target,
                f"{side.replace('_', '-')}[{index}]",
                f"A {entry.type} cache needs `{required}`",
                detail=f"`{entry}`",
            )
        fill = _FILL.get(entry.type)
        attrs = fill(dict(entry.attrs), host) if fill else dict(entry.attrs)
        if attrs is not None and (entry.type not in _CAPS or has_cap(node, _CAPS[entry.type])):
            yield CacheEntry(entry.type, attrs)


def _local(attrs: dict[str, str], host: Host) -> dict[str, str]:
    for key in ("src", "dest"):
        if key in attrs:
            attrs[key] = posixpath.normpath(posixpath.join(host.working_directory, attrs[key]))
    return attrs


def _gha(attrs: dict[str, str], host: Host) -> dict[str, str] | None:
    """GitHub's cache service, by the variables that actions hand to their steps."""
    environment = host.environment
    second = attrs.get("version") or ("2" if is_true(environment.get("ACTIONS_CACHE_SERVICE_V2", "")) else "")
    results = environment.get("ACTIONS_RESULTS_URL")
    found: Mapping[str, str | None] = {
        "token": environment.get("ACTIONS_RUNTIME_TOKEN"),
        "url_v2": results if second == "2" else None,
        "url": environment.get("ACTIONS_CACHE_URL", results),
    }
    filled = {key: value for key, value in found.items() if value is not None} | attrs
    return filled if filled.get("token") and (filled.get("url") or filled.get("url_v2")) else None


def _s3(attrs: dict[str, str], host: Host) -> dict[str, str]:
    """AWS's usual variables; a key pair that was written is never mixed with a foreign session token."""
    if "access_key_id" in attrs and "secret_access_key" in attrs:
        return attrs
    names = ("access_key_id", "secret_access_key", "session_token")
    found = {name: host.environment.get(f"AWS_{name.upper()}", "") for name in names}
    return {name: value for name, value in found.items() if value} | attrs


_FILL: Mapping[str, Callable[[dict[str, str], Host], dict[str, str] | None]] = {
    "local": _local,
    "gha": _gha,
    "s3": _s3,
}
