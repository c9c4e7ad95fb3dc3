"""The build caches of a builder: what is in them, and less of it.

Takes a `Host`, a builder's name and filters as they were written, gives BuildKit's records. Rules are those
of commands/diskusage.go and commands/prune.go (buildx 0.36.1).
"""

from __future__ import annotations

import queue
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bake.builder import driver
from bake.builder.look import look
from bake.builder.resolve import resolve
from bake.builder.site import Site
from bake.builder.together import ask_all
from bake.errors import BuilderError, UsageError
from bake.record import record
from bake.worker import UsageRecord

__all__ = ["Space", "UsageRecord", "prune", "pruning", "selection", "usage"]

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bake.buildkit.client import Client
    from bake.buildkit.control import Prune
    from bake.host import Host
    from bake.node import Builder, Node

_AGES = ("until", "unused-for")
"""Filters of age; the second one is the old name of the first."""


_SPACE_CAP = "gc.freespacefilter"


@record
class Space:
    """What `prune` leaves, as it was written; "" is no limit."""

    reserved: str = ""
    max_used: str = ""
    min_free: str = ""


def usage(host: Host, name: str, filters: Sequence[str], timeout: float) -> list[list[UsageRecord]]:
    """The records of each node's cache, small ones first. Raises UsageError for a filter, BuilderError."""
    wanted, _ = selection(filters)
    site = Site(host)
    builder = _answering(site, name, timeout)

    def ask(node: Node) -> list[UsageRecord]:
        with _client(site, builder, node) as client:
            return sorted(client.disk_usage(wanted), key=lambda one: (one.size, one.id))

    return ask_all(builder.nodes, ask)


def pruning(host: Host, filters: Sequence[str], space: Space, *, everything: bool) -> Prune:
    """What is to be pruned; docker's configuration may have filters of its own (`pruneFilters`).

    Raises UsageError for a filter or a size.
    """
    from bake.buildkit.control import Prune

    configured = [str(one) for one in Site(host).config.get("pruneFilters") or ()]
    wanted, age = selection(_with_configured(filters, configured))
    return Prune(
        filters=wanted,
        all=everything,
        keep_duration=age,
        reserved_space=_size("reserved-space", space.reserved),
        max_used_space=_size("max-used-space", space.max_used),
        min_free_space=_size("min-free-space", space.min_free),
    )


def prune(host: Host, name: str, what: Prune, timeout: float) -> Iterator[UsageRecord]:
    """Prune the caches of all nodes at the same time, giving each record as it goes. Raises BuilderError."""
    site = Site(host)
    builder = _answering(site, name, timeout)
    gone: queue.SimpleQueue[UsageRecord | BaseException | None] = queue.SimpleQueue()

    def work(node: Node) -> None:
        try:
            with _client(site, builder, node) as client:
                check_limits(client, what)
                for record in client.prune(what):
                    gone.put(record)
        except BaseException as exc:
            gone.put(exc)
        gone.put(None)

    for node in builder.nodes:
        threading.Thread(target=work, args=(node,), daemon=True).start()
    left = len(builder.nodes)
    while left:
        found = gone.get()
        if isinstance(found, BaseException):
            raise found
        if found is None:
            left -= 1
        else:
            yield found


@contextmanager
def _client(site: Site, builder: Builder, node: Node) -> Iterator[Client]:
    from bake.buildkit.client import Client

    client = Client(driver.find(builder.driver).dial(site, node))
    try:
        yield client
    finally:
        client.close()


def check_limits(client: Client, what: Prune) -> None:
    """Raises BuilderError for limits that BuildKit is too old for: it would prune everything."""
    if not (what.max_used_space or what.min_free_space):
        return
    if _SPACE_CAP not in client.browse({}, lambda browser: browser.capabilities()):
        raise BuilderError(
            "buildkit v0.17.0+ is required for max-used-space and min-free-space filters",
            detail=f"`{client.name}`",
            hint="use --reserved-space alone",
        )


def _answering(site: Site, name: str, timeout: float) -> Builder:
    """The builder, all of whose nodes answer, with those that its own stand for. Raises BuilderError."""
    (state,) = look(site, [resolve(site, name)], timeout)
    for fault in (state.error, *(one.error for one in state.nodes)):
        if fault:
            raise fault
    return state.builder


def selection(filters: Sequence[str]) -> tuple[tuple[str, ...], float]:
    """`NAME=VALUE` filters as BuildKit's one filter, and the age in seconds that `until` asks for.

    Raises UsageError.
    """
    values = _parsed(filters)
    if all(values.get(name) for name in _AGES):
        raise UsageError('conflicting filters "until" and "unused-for"')
    for name, found in values.items():
        if len(found) > 1:
            raise UsageError(f'"{name}" filter expects only one value', detail=", ".join(found))
    age = next((name for name in _AGES if name in values), "")
    parts = [_condition(name, *found) for name, found in values.items() if name != age]
    return (",".join(parts),), _seconds(age, values[age][0]) if age else 0.0


def _parsed(filters: Sequence[str]) -> dict[str, list[str]]:
    values: dict[str, list[str]] = {}
    for text in filter(None, filters):
        name, equals, value = text.partition("=")
        if not equals:
            raise UsageError(
                f'invalid argument "{text}" for "--filter" flag: bad format of filter (expected name=value)'
            )
        known = values.setdefault(name.strip().lower(), [])
        if value.strip() not in known:
            known.append(value.strip())
    return values


def _condition(name: str, value: str) -> str:
    if name == "id":
        return f"id~={value}"
    return f"{name}={value}" if name.endswith(("!", "~")) else f"{name}=={value}"


def _seconds(name: str, text: str) -> float:
    from bake.quantities import parse_seconds

    try:
        return parse_seconds(text)
    except ValueError as exc:
        raise UsageError(f"\"{name}\" filter expects a duration (e.g., '24h'): {exc}") from exc


def _with_configured(filters: Sequence[str], configured: Sequence[str]) -> Sequence[str]:
    """The filters, and those configured ones whose names they do not use (docker's PruneFilters)."""
    used = _parsed(filters)
    return [*filters, *(one for one in configured if one.partition("=")[0] not in used)]


def _size(flag: str, text: str) -> int:
    from bake.quantities import parse_size

    if not text:
        return 0
    try:
        return parse_size(text)
    except ValueError as exc:
        raise UsageError(
            f'invalid argument "{text}" for "--{flag}" flag: {exc}', hint="write a size like 512m or 10GB"
        ) from exc
