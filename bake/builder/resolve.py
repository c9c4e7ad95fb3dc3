"""Which builder is meant, by buildx's rules (builder/ and store/storeutil/, 0.36.1).

A name that was given is a builder of the store, else a docker context; without one it is the builder
chosen with `use` for the current docker endpoint, else the current docker context's own engine. Where
nothing says where an engine is and none is at the usual place, it is a private one (`local`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bake.builder.site import DEFAULT_CONTEXT, DEFAULT_HOST
from bake.builder.store import Store
from bake.errors import BuilderError
from bake.node import Builder, Node

if TYPE_CHECKING:
    from bake.builder.site import Site
    from bake.errors import BakeError

VARIABLE = "BUILDX_BUILDER"
PRIVATE = "local"
"""The builder that is an engine of pybake's own."""


def store_of(site: Site) -> Store:
    """The store of `site`'s person."""
    return Store(site.buildx_folder, site.store_owner)


def resolve(site: Site, name: str = "") -> Builder:
    """The builder called `name`, else that of BUILDX_BUILDER, else the current one. Raises BuilderError."""
    store = store_of(site)
    name = name or site.host.environment.get(VARIABLE, "")
    return _named(site, store, name) if name else _current(site, store)


def current(site: Site) -> Builder:
    """The builder that was chosen, else the current docker context's. Raises BuilderError."""
    return _current(site, store_of(site))


def of_context(context: str) -> Builder:
    """The engine of a docker context, as a builder."""
    return Builder(context, "docker", (Node(context, context),))


def all_builders(site: Site) -> list[Builder]:
    """Every builder of the store, then every docker context that none of them is called like; by name. A
    private engine stands in for the default context."""
    builders = sorted(store_of(site).builders(), key=lambda builder: builder.name)
    names = {builder.name for builder in builders}
    private = _private(site)
    contexts = [of_context(context) for context in sorted(site.contexts())]
    if private is not None:
        contexts = [private, *(one for one in contexts if one.name != DEFAULT_CONTEXT)]
    return builders + [one for one in contexts if one.name not in names]


def _current(site: Site, store: Store) -> Builder:
    chosen = store.current(site.current_endpoint)
    builder = store.get(chosen) if chosen else None
    return builder or _private(site) or _of_current_context(site, store)


def _of_current_context(site: Site, store: Store) -> Builder:
    site.endpoint(site.current_context)  # refuses one that is not there, and says where it is named
    return _named(site, store, site.current_context)


def _private(site: Site) -> Builder | None:
    """The engine that pybake starts itself, if there is no other."""
    if not _has_none(site):
        return None
    from bake.builder import local

    return local.builder() if local.can_start(site) else None


def _has_none(site: Site) -> bool:
    """Whether nothing says where an engine is, and none is at the usual place."""
    environment = site.host.environment
    said = any(environment.get(name) for name in ("DOCKER_HOST", "DOCKER_CONTEXT", "BUILDKIT_HOST"))
    if said or site.current_context != DEFAULT_CONTEXT:
        return False
    return not site.host.exists(DEFAULT_HOST.removeprefix("unix://"))


def next_step(site: Site, builder: Builder, error: BakeError) -> str | None:
    """The hint of an `error` of `builder`'s, for which pybake would have started an engine if it could."""
    if error.hint is None or builder.driver != "docker" or not _has_none(site):
        return error.hint
    return f"{error.hint}. Or install buildkitd or dockerd: pybake starts either itself"


def _named(site: Site, store: Store, name: str) -> Builder:
    builder = store.get(name)
    if builder is not None:
        return builder
    if name in site.contexts():
        return of_context(name)
    if name == PRIVATE:
        from bake.builder import local

        return local.builder()
    known = [one.name for one in all_builders(site)]
    raise BuilderError(
        f'no builder "{name}" found',
        detail=f"there are {', '.join(known)}",
        hint=f"make it: pybake create --name {name}",
    )
