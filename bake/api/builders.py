"""Builders as the commands see them: made, chosen, listed, started, stopped, removed, dialled.

Takes a `Host` and names as a person wrote them, gives states and outcomes; nothing is printed here.
"""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from bake import platforms
from bake.builder import boot, create, driver
from bake.builder.connect import connect
from bake.builder.create import Created, Wish, leave
from bake.builder.driver import Status, made_by_create
from bake.builder.look import TIMEOUT, look
from bake.builder.resolve import VARIABLE, all_builders, resolve, store_of
from bake.builder.site import Site
from bake.builder.together import ask_all, ask_all_within
from bake.errors import BakeError, BuilderError, UsageError
from bake.record import record

__all__ = [
    "TIMEOUT",
    "Created",
    "Removal",
    "Wish",
    "bootstrap",
    "created",
    "dialled",
    "features",
    "given_name",
    "inspect",
    "known",
    "leaving",
    "made_by_create",
    "proxy",
    "remove",
    "remove_inactive",
    "states",
    "stop",
    "timeout_of",
    "use",
]

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bake.buildkit.pipe import Pipe
    from bake.host import Host
    from bake.node import Builder, BuilderState, Gap, Node
    from bake.progress import Emit

CHUNK = 1 << 16


def timeout_of(text: str) -> float:
    """Seconds in a Go duration (`20s`, `1m30s`). Raises UsageError."""
    from bake.quantities import parse_seconds

    try:
        return parse_seconds(text)
    except ValueError as exc:
        raise UsageError(f'invalid argument "{text}" for "--timeout" flag: {exc}') from exc


def known(host: Host) -> list[Builder]:
    """Every builder of the store and every docker context, by name; nothing is asked of them."""
    return all_builders(Site(host))


def created(host: Host, wish: Wish) -> Created:
    """Make or change a builder. Raises UsageError, BuilderError."""
    return create.create(Site(host), wish)


def leaving(host: Host, name: str, node: str) -> None:
    """Take a node from a builder. Raises UsageError."""
    leave(Site(host), name, node)


def bootstrap(host: Host, state: BuilderState, emit: Emit) -> bool:
    """Start what does not run of a builder; whether anything had to be. Raises BuilderError, or a group."""
    resting = [one.node for one in state.nodes if one.status and one.status != Status.RUNNING.value]
    boot.start_all(Site(host), state.builder, resting, emit)
    return bool(resting)


def given_name(host: Host, name: str | None) -> str:
    """`name`, else what BUILDX_BUILDER says."""
    return name or host.environment.get(VARIABLE, "")


def features(name: str) -> dict[str, str]:
    """All that drivers differ in: what a state calls it, and what buildx 0.36.1 calls it of this driver."""
    longer = {driver.DEFAULT_LOAD: "Automatically load images to the Docker Engine image store"}
    asked = driver.FEATURES if name == "docker" else driver.FEATURES - {driver.PREFER_DIGEST}
    return {feature: longer.get(feature, feature) for feature in asked}


def use(host: Host, name: str, *, everywhere: bool = False, default: bool = False) -> None:
    """Choose a builder for the current docker context. Raises UsageError.

    The name of the current context takes the choice back.
    """
    site = Site(host)
    store = store_of(site)
    with store.locked():
        builder = store.get(name)
        if builder is None:
            _check_context(site, name)
        store.set_current(
            site.current_endpoint,
            builder.name if builder else "",
            everywhere=everywhere and builder is not None,
            default=default and builder is not None,
        )


def _check_context(site: Site, name: str) -> None:
    """Raises UsageError if `name` is not the current docker context."""
    if name == site.current_context:
        return
    if name == "default":
        raise UsageError("run `docker context use default` to switch to default context")
    if name in site.contexts():
        raise UsageError(f"run `docker context use {name}` to switch to context {name}")
    known = ", ".join(builder.name for builder in all_builders(site))
    raise UsageError(f'failed to find instance "{name}"', detail=f"there are {known}", hint="see pybake ls")


def states(host: Host, timeout: float) -> list[BuilderState]:
    """The states of all builders; those that cannot be asked come last."""
    site = Site(host)
    found = look(site, all_builders(site), timeout)
    return sorted(found, key=lambda state: state.error is not None)


def inspect(host: Host, name: str, timeout: float, emit: Emit | None = None) -> BuilderState:
    """The state of one builder; with `emit` it is started first. Raises BuilderError."""
    site = Site(host)
    builder = resolve(site, name)
    (state,) = look(site, [builder], timeout)
    if emit and bootstrap(host, state, emit):
        (state,) = look(site, [builder], timeout)
    return state


def gaps(host: Host, state: BuilderState) -> list[Gap]:
    """The common platforms whose steps no node of a builder can run, and how each of them could."""
    from bake.builder import emulation

    return list(emulation.gaps(Site(host), state))


def stop(host: Host, name: str) -> None:
    """Stop all nodes of a builder; their caches stay. Raises BuilderError."""
    site = Site(host)
    builder = resolve(site, name)
    kind = driver.find(builder.driver)
    for node in builder.nodes:
        kind.stop(site, node)


@record
class Removal:
    """What is removed with a builder besides its name: its daemons, and their caches."""

    keep_daemon: bool = False
    keep_state: bool = False
    timeout: float = TIMEOUT


def remove(host: Host, names: Sequence[str], removal: Removal) -> Iterable[tuple[str, BakeError | None]]:
    """Remove builders, and say of each whether that failed; "" is the current one. A builder whose daemon
    cannot be removed is forgotten all the same."""
    site = Site(host)

    def one(name: str) -> tuple[str, BakeError | None]:
        try:
            builder = resolve(site, name)
            return name or builder.name, _remove(site, builder, removal)
        except BakeError as exc:
            return name, exc

    return ask_all(list(dict.fromkeys(names)), one)


def _remove(site: Site, builder: Builder, removal: Removal) -> BakeError | None:
    if builder.driver == "docker":
        raise BuilderError(
            "context builder cannot be removed, "
            f"run `docker context rm {builder.name}` to remove this context"
        )
    fault = None if removal.keep_daemon else _remove_nodes(site, builder, removal)
    store = store_of(site)
    with store.locked():
        store.remove(builder.name)
    return fault


def _remove_nodes(site: Site, builder: Builder, removal: Removal) -> BakeError | None:
    """Remove what was made for the nodes; gives the first fault, or that of one that takes too long."""

    def one(node: Node) -> list[BakeError]:
        try:
            kind = driver.find(builder.driver)
            kind.remove(site, node, keep_state=removal.keep_state, keep_daemon=False)
        except BakeError as exc:
            return [exc]
        return []

    found = ask_all_within(removal.timeout, builder.nodes, one)
    late = sorted(node.name for node, faults in zip(builder.nodes, found, strict=True) if faults is None)
    told = [fault for faults in found for fault in faults or ()]
    if late and not told:
        return BuilderError("no answer in time", detail=f"nodes {', '.join(late)}")
    return told[0] if told else None


def remove_inactive(host: Host, removal: Removal) -> Iterator[tuple[str, BakeError | None]]:
    """Remove every builder none of whose nodes runs, and say of each whether that failed."""
    site = Site(host)
    own = [builder for builder in all_builders(site) if builder.driver != "docker"]
    for state in look(site, own, removal.timeout):
        running = any(one.status == Status.RUNNING.value for one in state.nodes)
        if not running and not state.builder.dynamic:
            yield state.builder.name, _remove(site, state.builder, removal)


def dialled(host: Host, name: str, platform: str, emit: Emit) -> Pipe:
    """A pipe to the BuildKit of a node that builds for `platform` ("" for any). Raises BuilderError."""
    site = Site(host)
    builder = resolve(site, name)
    store_of(site).touch(builder.name, host.now())
    connected, _ = connect(site, builder, emit)
    try:
        able = [one for one in connected if not platform or _builds(one.facts.platforms, platform)]
        if not able:
            raise BuilderError(
                "no nodes available", detail=f"none of `{builder.name}` builds for `{platform}`"
            )
        node = able[0].node
    finally:
        for one in connected:
            one.client.close()
    return driver.find(builder.driver).dial(site, node).connect()


def _builds(offered: Sequence[platforms.Platform], wanted: str) -> bool:
    try:
        return platforms.best(platforms.parse(wanted), offered) is not None
    except ValueError as exc:
        raise UsageError(f'invalid platform "{wanted}"', detail=str(exc)) from exc


def proxy(pipe: Pipe, source: int, sink: int) -> None:
    """Carry bytes from the descriptor `source` into `pipe`, and from it to `sink`, until `pipe` ends."""
    finish = getattr(pipe, "finish", pipe.close)

    def outwards() -> None:
        with suppress(OSError):
            while data := os.read(source, CHUNK):
                pipe.sendv([data])
            finish()

    threading.Thread(target=outwards, daemon=True).start()
    try:
        while data := pipe.recv():
            view = memoryview(data)
            while view:
                view = view[os.write(sink, view) :]
    finally:
        pipe.close()
