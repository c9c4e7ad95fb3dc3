"""Compose's values → what a target holds, each with the mark of its place.

An empty value gives None: the target's field counts as not given. Raises DefinitionError at the value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bake.model.compose.nodes import Node, fault
from bake.model.entries import CacheEntry
from bake.model.held import Held
from bake.model.origins import Mark
from bake.source import Cause, Origin

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bake.model.entry import Entry


def mark(node: Node) -> Mark:
    return Mark(Origin(Cause.COMPOSE, node.span))


def text(node: Node | None) -> Held | None:
    """A text."""
    return Held(node.text, mark(node)) if node and node.text else None


def listed(pairs: Iterable[tuple[Any, Node]]) -> Held | None:
    """A list of values, each with the node that it comes from."""
    pairs = tuple(pairs)
    if not pairs:
        return None
    return Held(tuple(value for value, _ in pairs), tuple(mark(node) for _, node in pairs))


def texts(nodes: Iterable[Node]) -> Held | None:
    """A list of texts."""
    return listed((node.text, node) for node in nodes)


def entries(entry: type[Entry], nodes: Iterable[Node]) -> Held | None:
    """Entries in their string form; empty texts say nothing."""
    return listed((found, node) for node in nodes if node.text for found in _parsed(entry, node))


def caches(nodes: Iterable[Node]) -> Held | None:
    return entries(CacheEntry, nodes)


def _parsed(entry: type[Entry], node: Node) -> list[Any]:
    try:
        if issubclass(entry, CacheEntry):
            return list(entry.parse_all(node.text))
        return [entry.parse(node.text)]
    except ValueError as exc:
        raise fault(str(exc), node) from exc


def mapped(pairs: Mapping[str, tuple[str, Node]]) -> Held | None:
    """A map of texts, each with the node that it comes from."""
    if not pairs:
        return None
    values = {key: value for key, (value, _) in pairs.items()}
    return Held(values, {key: mark(node) for key, (_, node) in pairs.items()})


def contexts(nodes: Mapping[str, str], places: Mapping[str, Node]) -> Held | None:
    """Named contexts; `service:x` is the target that service x becomes."""
    return mapped({key: (_context(value), places[key]) for key, value in nodes.items()})


def _context(value: str) -> str:
    scheme, colon, name = value.partition(":")
    return f"target:{target_name(name)}" if colon and scheme in ("service", "target") else value


def target_name(service: str) -> str:
    """The name of the target that a service becomes."""
    return service.replace(".", "_")
