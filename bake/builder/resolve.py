"""Which builder is meant, by buildx's rules (builder/ and store/storeutil/, 0.36.1).

A name that was given is a builder of the store, else a docker context; without one it is the builder
chosen with `use` for the current docker endpoint, else the current docker context's own engine. Where
nothing says where an engine is and none is at the usual place, it is a private one (`local`).
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from bake.builder.site import DEFAULT_CONTEXT, DEFAULT_HOST
from bake.builder.store import Store
from bake.errors import BuilderError
from bake.node import Builder, Node

if TYPE_CHECKING:
    from bake.builder.site import Site

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
    """The engine that pybake starts itself, if nothing says where one is, and none is at the usual place."""
    environment = site.host.environment
    said = any(environment.get(name) for name in ("DOCKER_HOST", "DOCKER_CONTEXT", "BUILDKIT_HOST"))
    if said or site.current_context != DEFAULT_CONTEXT:
        return None
    if os.path.exists(DEFAULT_HOST.removeprefix("unix://")):
        return None
    from bake.builder import local

    return local.builder() if local.can_start(site) else None


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
