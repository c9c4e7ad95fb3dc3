"""Making and changing builders: what a person asks for, to a `Builder` in the store.

The rules are those of `Create` and `Leave` (builder/builder.go, 0.36.1). Everything is checked before
anything is kept, the driver's own options and whether its Engine answers included; so nothing has to be
taken back.
"""

from __future__ import annotations

import csv
import posixpath
import shlex
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from bake import platforms
from bake.builder import daemon_config, driver, group, names, remote
from bake.builder.look import TIMEOUT, look
from bake.builder.resolve import store_of
from bake.builder.store import valid_name
from bake.errors import BuilderError, UsageError
from bake.node import Builder, BuilderState
from bake.record import record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bake.builder.site import Site
    from bake.builder.store import Store
    from bake.node import Node

DEFAULT_CONFIG = "buildkitd.default.toml"
"""In the store's folder: the daemon's configuration of nodes that name none."""
NETWORK_HOST = "network.host"
_ENTITLEMENT = "--allow-insecure-entitlement"
_ISOLATED = ("docker-container", "kubernetes")
"""Drivers whose BuildKit has a network of its own: the entitlement reaches no further than that."""
DEFAULT_DRIVER = "docker-container"


@record
class Wish:
    """What `create` was asked for, as it was written; "" and () where nothing was."""

    name: str = ""
    driver: str = ""
    node: str = ""
    platforms: Sequence[str] = ()
    driver_opts: Sequence[str] = ()
    flags: str = ""
    config: str = ""
    endpoint: str = ""
    append: bool = False
    use: bool = False
    timeout: float = TIMEOUT


@record
class Created:
    """A builder that was made or changed. `wants_restart` says that a node has settings which count from
    its next start only."""

    state: BuilderState
    wants_restart: bool = False


def create(site: Site, wish: Wish) -> Created:
    """Make or change a builder, and keep it. Raises UsageError, BuilderError."""
    store = store_of(site)
    with store.locked():
        name = _name(site, store, wish)
        existing = store.get(name)
        kind = _driver(site, wish, existing)
        _check(wish, existing, kind, name)
        before, change = existing or Builder(name, kind, ()), _change(site, wish, kind, name)
        builder, node = group.changed(before, change)
        state = _checked(site, builder, node, wish.timeout)
        store.save(builder)
        store.touch(builder.name, site.host.now())
        if wish.use:
            store.set_current(site.current_endpoint, builder.name)
    return Created(state, group.wants_restart(before, change))


def leave(site: Site, name: str, node: str) -> None:
    """Take a node from a builder. Raises UsageError."""
    if not name:
        raise UsageError("leave requires instance name", hint="name the builder: --name NAME")
    if not node:
        raise UsageError("leave requires node name", hint="name the node: --node NAME")
    store = store_of(site)
    with store.locked():
        builder = store.get(name)
        if builder is None:
            raise UsageError(f'failed to find instance "{name}" for leave', hint="see pybake ls")
        smaller = group.left(builder, node)
        store.remove_node(builder.name, node)
        store.save(smaller)
        store.touch(smaller.name, site.host.now())


def _name(site: Site, store: Store, wish: Wish) -> str:
    if wish.name == "default":
        raise UsageError(
            "default is a reserved name and cannot be used to identify builder instance",
            hint="give another --name, or none",
        )
    if wish.append and not wish.name:
        raise UsageError("append requires a builder name", hint="name the builder: --name NAME")
    if wish.name:
        valid_name(wish.name)
    contexts = site.contexts()
    if wish.name in contexts and not wish.append:
        raise UsageError(f'instance name "{wish.name}" already exists as context builder')
    return wish.name or names.generate({*store.names(), *contexts}, site.host.random)


def _driver(site: Site, wish: Wish, existing: Builder | None) -> str:
    if wish.driver:
        return wish.driver
    if existing:
        return existing.driver
    if wish.endpoint:
        # as in buildx an address is BuildKit's own, only a docker context is an Engine
        return "remote" if wish.endpoint.partition("://")[0] in remote.SCHEMES else DEFAULT_DRIVER
    return "remote" if site.host.environment.get("BUILDKIT_HOST") else DEFAULT_DRIVER


def _check(wish: Wish, existing: Builder | None, kind: str, name: str) -> None:
    if existing is None and wish.append:
        raise UsageError(f'failed to find instance "{name}" for append', hint="see pybake ls")
    if existing and not wish.node and not wish.append:
        raise UsageError(
            f'existing instance for "{name}" but no append mode, '
            "specify the node name to make changes for existing instances",
            hint="--append adds a node, --node NAME changes one",
        )
    if existing and kind != existing.driver:
        raise UsageError(f'existing instance for "{name}" but has mismatched driver "{existing.driver}"')
    if kind == "docker":
        raise UsageError(
            f'additional instances of driver "{kind}" cannot be created',
            hint=f"every docker context is one; others: {', '.join(driver.made_by_create())}",
        )
    driver.find(kind)


def _change(site: Site, wish: Wish, kind: str, name: str) -> group.Change:
    options = _options(wish.driver_opts)
    config = _config(site, wish)
    endpoint, moves = _endpoint(site, wish, kind, name)
    flags = _flags(site, wish.flags, kind, options, config)
    return group.Change(
        endpoint=endpoint,
        name=wish.node,
        moves=moves,
        append=wish.append,
        platforms=_platforms(site, wish.platforms),
        driver_opts=options or None,
        flags=tuple(flags) or None,
        files=daemon_config.load(config, site.host.read) if config else None,
    )


def _options(words: Sequence[str]) -> dict[str, str]:
    """`NAME=VALUE[,…]`, with CSV's quotes."""
    found = {}
    for pair in (one for word in words for row in csv.reader([word]) for one in row):
        name, equals, value = pair.partition("=")
        if not equals:
            raise UsageError(f'invalid value "{pair}", expecting k=v', detail="`--driver-opt`")
        found[name] = value
    return found


def _config(site: Site, wish: Wish) -> str:
    if wish.config:
        return posixpath.join(site.host.working_directory, wish.config)
    default = posixpath.join(site.buildx_folder, DEFAULT_CONFIG)
    return default if site.host.exists(default) else ""


def _platforms(site: Site, words: Sequence[str]) -> tuple[platforms.Platform, ...]:
    local = site.host.platform or platforms.LINUX_AMD64
    try:
        return platforms.parse_list(words, local)
    except ValueError as exc:
        raise UsageError("invalid platform", detail=str(exc), hint="write linux/arm64, for one") from exc


def _endpoint(site: Site, wish: Wish, kind: str, name: str) -> tuple[str, bool]:
    """Where the node is, and whether a person said so."""
    if kind == "kubernetes":
        return _in_cluster(site, wish, name), False
    if kind == "remote":
        endpoint = wish.endpoint or site.host.environment.get("BUILDKIT_HOST", "")
        if not endpoint:
            raise UsageError(
                "no remote endpoint provided", hint="give it: pybake create --driver remote tcp://HOST:PORT"
            )
        remote.check_endpoint(endpoint)
        return endpoint, True
    if wish.endpoint:
        return _engine(site, wish.endpoint), True
    where = site.endpoint(site.current_context)
    if site.current_context == "default" and where.tls:
        raise UsageError(
            "could not create a builder instance with TLS data loaded from environment",
            hint="make a context of it (docker context create NAME) and name that: pybake create NAME",
        )
    return site.current_endpoint, False


def _in_cluster(site: Site, wish: Wish, name: str) -> str:
    """An endpoint that is no other node's: a node without a name gets one for this alone."""
    from urllib.parse import urlencode
    from uuid import UUID

    if wish.endpoint:
        raise UsageError(f'kubernetes driver does not support endpoint args "{wish.endpoint}"')
    random = site.host.random
    node = wish.node or f"buildkit-{UUID(bytes=random(16), version=4)}-{random(3).hex()[:5]}"
    query = {"deployment": node, "kubeconfig": site.host.environment.get("KUBECONFIG", "")}
    return f"kubernetes:///{name}?{urlencode(query)}"


def _engine(site: Site, endpoint: str) -> str:
    """A docker context, or an Engine's address."""
    from bake.buildkit.endpoint import parse

    if endpoint == "default":
        return site.endpoint(endpoint).host
    if endpoint not in site.contexts():
        try:
            parse(endpoint)
        except BuilderError as exc:
            raise UsageError(
                f"failed to parse endpoint {endpoint}",
                detail=f"it is neither an address nor one of the contexts {', '.join(site.contexts())}",
                hint=exc.hint,
            ) from exc
    return endpoint


def _flags(site: Site, text: str, kind: str, options: dict[str, str], config: str) -> list[str]:
    """The daemon's flags. A network of its own may be used freely, unless a person says what may be."""
    try:
        flags = shlex.split(text)
    except ValueError as exc:
        raise UsageError("failed to parse buildkit flags", detail=f"`{text}`: {exc}") from exc
    granted = list(_granted(flags))
    allowed: Any = daemon_config.parse(config, site.host.read) if config else {}
    in_config = NETWORK_HOST in (allowed.get("insecure-entitlements") or ())
    on_host = options.get("network") == "host" and kind == "docker-container"
    wanted = NETWORK_HOST not in granted if on_host else not granted and not in_config
    if wanted and kind in _ISOLATED:
        flags.append(f"{_ENTITLEMENT}={NETWORK_HOST}")
    return flags


def _granted(flags: Sequence[str]) -> Sequence[str]:
    joined = [flag.partition("=")[2] for flag in flags if flag.startswith(f"{_ENTITLEMENT}=")]
    apart = [after for flag, after in pairwise(flags) if flag == _ENTITLEMENT]
    return joined + apart


def _checked(site: Site, builder: Builder, node: Node, timeout: float) -> BuilderState:
    """The state of `builder`. Raises BuilderError if `node` can never work."""
    (state,) = look(site, [builder], timeout)
    for one in state.nodes:
        # what is away may come back; a driver that does not understand the node will not
        if one.node is node and one.error and not one.status:
            raise BuilderError(
                f"failed to initialize builder {builder.name} ({node.name}): {one.error.summary}",
                detail=one.error.detail,
                hint=one.error.hint,
            )
    return state
