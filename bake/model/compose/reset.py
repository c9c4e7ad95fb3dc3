"""`!reset` and `!override`: what a later file takes out of earlier ones (compose-go 2.13, loader/reset.go).

A value tagged `!reset` is left out itself; either tag removes the value at its path from what the file
is laid over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from bake.model.compose.nodes import Node, Path

Resets: TypeAlias = "frozenset[Path]"


def split(node: Node) -> tuple[Node, Resets]:
    """The document without its tags, and the paths that were tagged."""
    paths: set[Path] = set()
    return _untagged(node, (), paths), frozenset(paths)


def _untagged(node: Node, path: Path, paths: set[Path]) -> Node:
    if node.tag in ("!reset", "!override"):
        paths.add(path)
        return node.with_value(node.value)
    if isinstance(node.value, list):
        kept = [item for item in node.value if item.tag != "!reset"]
        return node.with_value([_untagged(item, (*path, "[]"), paths) for item in kept])
    items = {key: _untagged(item, (*path, key), paths) for key, item in node.items.items()}
    paths.update((*path, key) for key, item in node.items.items() if item.tag == "!reset")
    if not node.items:
        return node
    return node.with_value({key: item for key, item in items.items() if node.items[key].tag != "!reset"})


def without(node: Node, resets: Resets, path: Path = ()) -> Node:
    """`node` without what stands at the paths of `resets`."""
    if not resets or not node.items:
        return node
    kept = {key: item for key, item in node.items.items() if (*path, key) not in resets}
    return node.with_value({key: without(item, resets, (*path, key)) for key, item in kept.items()})
