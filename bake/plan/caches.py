"""Where cache comes from and goes to.

Takes a target's entries, gives BuildKit's with local folders absolute. Credentials are no part of a plan:
they are filled in when it is carried out. As in buildx (build/opt.go, 0.36.1), gha and s3 are left out
where BuildKit is too old for them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bake.goscalars import GO_FALSE, GO_TRUE
from bake.plan.faults import fault
from bake.plan.features import CACHE_EXPORT, has_cap, unsupported
from bake.progress import Note
from bake.solve import CacheEntry

if TYPE_CHECKING:
    from collections.abc import Iterable

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
    if target.args.get("BUILDKIT_INLINE_CACHE") in GO_TRUE:
        found.append(CacheEntry("inline"))
    if CACHE_EXPORT not in node.features and any(one.type != "inline" for one in found):
        raise unsupported(target, "cache-to", CACHE_EXPORT, node)
    return tuple(found)


def _usable(
    target: Target, side: str, written: Iterable[entries.CacheEntry], node: NodeFacts, host: Host
) -> Iterable[CacheEntry]:
    for index, entry in enumerate(written):
        check_entry(target, side, index, entry)
        attrs = dict(entry.attrs)
        if _is_known(entry.type, node):
            yield CacheEntry(entry.type, _local(attrs, host) if entry.type == "local" else attrs)


def check_entry(target: Target, side: str, index: int, entry: entries.CacheEntry) -> None:
    """Whether entry `index` of `cache_from` or `cache_to` says where it is. Raises DefinitionError."""
    path = f"{side.replace('_', '-')}[{index}]"
    required = _REQUIRED.get((entry.type, side))
    if required and not entry.attrs.get(required):
        raise fault(
            target,
            path,
            f"A {entry.type} cache needs `{required}`",
            detail=f"`{entry}` does not say where it is",
            hint=f"write `{_with_place(entry, required)}`",
        )
    _check_reset(target, path, entry)


_PLACES = {"ref": "ref=REGISTRY/IMAGE:cache", "src": "src=FOLDER", "dest": "dest=FOLDER"}


def _with_place(entry: entries.CacheEntry, required: str) -> str:
    others = (f"{key}={value}" for key, value in entry.attrs.items() if key not in ("type", required))
    return ",".join((f"type={entry.type}", _PLACES[required], *others))


def _check_reset(target: Target, path: str, entry: entries.CacheEntry) -> None:
    reset = entry.attrs.get("reset") if entry.type == "local" else None
    if reset is not None and reset not in GO_TRUE | GO_FALSE:
        raise fault(
            target, path, "Invalid `reset` of a local cache", detail=f"`{reset}` is neither true nor false"
        )


def left_out(target: Target, node: NodeFacts) -> list[Note]:
    """What to say of the target's caches that this node's BuildKit is too old for."""
    types = dict.fromkeys(entry.type for entry in (*target.cache_from, *target.cache_to))
    return [
        Note(
            f"{target.name}: the {one} cache is not used: the BuildKit of node {node.name} does not know it",
            warning=True,
            hint="update the builder, or make another: pybake create --driver docker-container --use",
        )
        for one in types
        if not _is_known(one, node)
    ]


def _is_known(kind: str, node: NodeFacts) -> bool:
    return kind not in _CAPS or has_cap(node, _CAPS[kind])


def _local(attrs: dict[str, str], host: Host) -> dict[str, str]:
    for key in ("src", "dest"):
        if key in attrs:
            attrs[key] = host.absolute(attrs[key])
    return attrs
