"""Laying one compose model over another (compose-go 2.13, override).

Mappings are merged key by key, lists joined, scalars replaced. Some values may be written in two ways:
they are brought to one before they are merged. Of list elements that mean the same thing the last
counts, in the place of the first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bake.model.compose.nodes import Node, PathTable, dotted, fault, go_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from bake.model.compose.nodes import Path


def merge(base: Node, over: Node, path: Path = ()) -> Node:
    """`over` laid over `base`, both at `path`. Raises DefinitionError where they are of different kinds."""
    if special := _SPECIAL.get(path):
        return special(base, over, path)
    if over.value is None:
        return base
    if isinstance(base.value, dict | list) and base.kind != over.kind:
        raise fault(f"cannot override {dotted(path)}", over)
    if isinstance(base.value, dict):
        return _mappings(base, over, path)
    if isinstance(base.value, list):
        return over.with_value(base.elements + over.elements)
    return over


def _mappings(base: Node, over: Node, path: Path) -> Node:
    merged = dict(base.items)
    for key, item in over.items.items():
        merged[key] = merge(merged[key], item, (*path, key)) if key in merged else item
    return over.with_value(merged)


def _builds(base: Node, over: Node, path: Path) -> Node:
    return _mappings(_build_mapping(base), _build_mapping(over), path)


def _build_mapping(node: Node) -> Node:
    return node.with_value({"context": node}) if isinstance(node.value, str) else node


def _sequences(base: Node, over: Node, _: Path) -> Node:
    return over.with_value(_sequence(base) + _sequence(over))


def _hosts(base: Node, over: Node, _: Path) -> Node:
    """A host that is there already is not added again."""
    first = _sequence(base)
    present = {_scalar(item) for item in first}
    return over.with_value(first + [item for item in _sequence(over) if _scalar(item) not in present])


def _sequence(node: Node) -> list[Node]:
    """A mapping as a list of `KEY=VALUE`, a string as a list of one."""
    if isinstance(node.value, str):
        return [node]
    if not isinstance(node.value, dict):
        return node.elements
    found: list[Node] = []
    for key, item in node.items.items():
        if item.value is None:
            found.append(item.with_value(key))
        else:
            values = item.elements if isinstance(item.value, list) else [item]
            found += [value.with_value(f"{key}={_scalar(value)}") for value in values]
    return sorted(found, key=lambda item: item.text)


def _scalar(node: Node) -> str:
    return "" if isinstance(node.value, dict | list) else go_text(node.value)


_SPECIAL: PathTable[Callable[[Node, Node, Path], Node]] = PathTable(
    {
        "services.*.build": _builds,
        "services.*.build.args": _sequences,
        "services.*.build.additional_contexts": _sequences,
        "services.*.build.extra_hosts": _hosts,
        "services.*.build.labels": _sequences,
        "services.*.env_file": _sequences,
        "services.*.environment": _sequences,
    }
)


def unique(node: Node, path: Path = ()) -> Node:
    """`node` with of all list elements of the same meaning the last. Raises DefinitionError."""
    identity = _IDENTITY.get(path) if isinstance(node.value, list) else None
    if identity is None:
        return node.mapped(unique, path) if node.items else node
    last = {identity(item, path, index): item for index, item in enumerate(node.elements)}
    return node.with_value(list(last.values()))


def _key(item: Node, path: Path, index: int) -> str:
    if not isinstance(item.value, str):
        raise fault(f"{dotted(path)}.[{index}]: unexpected type {item.kind}", item)
    return item.value.partition("=")[0]


def _env_file(item: Node, path: Path, index: int) -> str:
    named = item.get("path") if isinstance(item.value, dict) else item
    if named is None:
        raise fault(f"environment path attribute {dotted(path)}.[{index}] is missing", item)
    return named.text


_IDENTITY: PathTable[Callable[[Node, Path, int], str]] = PathTable(
    {
        **{
            f"services.*.build.{key}": _key
            for key in ("args", "additional_contexts", "platform", "tags", "labels")
        },
        "services.*.environment": _key,
        "services.*.env_file": _env_file,
    }
)
"""What tells elements of a list apart, by the list's path."""
