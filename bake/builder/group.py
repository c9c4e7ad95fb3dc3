"""How a builder's nodes are changed, in words that have no store: add one, change one, take one away.

Builders are values; each change gives a new one. The rules are those of store/nodegroup.go (0.36.1).
"""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING

from bake.builder.store import valid_name
from bake.errors import UsageError
from bake.node import Node
from bake.record import record

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bake.node import Builder
    from bake.platforms import Platform


@record
class Change:
    """What is wanted of one node. `name` "" is the next one; None leaves a setting of an existing node.

    `endpoint` counts for an existing node only if `moves`: else it is the default that nobody asked for.
    """

    endpoint: str
    name: str = ""
    moves: bool = False
    append: bool = False
    platforms: tuple[Platform, ...] = ()
    driver_opts: Mapping[str, str] | None = None
    flags: tuple[str, ...] | None = None
    files: Mapping[str, bytes] | None = None


def changed(builder: Builder, change: Change) -> tuple[Builder, Node]:
    """`builder` with the node that `change` makes or changes, and that node. Raises UsageError."""
    _check_static(builder, "Update")
    existing = next((node for node in builder.nodes if node.name == change.name), None)
    if existing is None and builder.nodes and not change.append:
        raise UsageError(f"node {change.name} not found, did you mean to append?", hint="add it: --append")
    node = _updated(existing, change) if existing else _made(builder, change)
    others = [one for one in builder.nodes if one is not existing]
    if any(one.endpoint == node.endpoint for one in others):
        raise UsageError(
            f"invalid duplicate endpoint {node.endpoint}",
            detail=f"`{builder.name}` has a node there already",
            hint="give another endpoint or docker context",
        )
    nodes = builder.nodes if existing else (*builder.nodes, node)
    placed = tuple(node if one is existing or one is node else _without(one, node.platforms) for one in nodes)
    return replace(builder, nodes=placed), node


def wants_restart(builder: Builder, change: Change) -> bool:
    """Whether `change` gives an existing node settings that count from its next start only."""
    exists = any(node.name == change.name for node in builder.nodes)
    return exists and (
        change.moves or any(x is not None for x in (change.driver_opts, change.flags, change.files))
    )


def left(builder: Builder, name: str) -> Builder:
    """`builder` without the node called `name`. Raises UsageError."""
    _check_static(builder, "Leave")
    if name not in [node.name for node in builder.nodes]:
        raise UsageError(
            f'node "{name}" not found for {builder.name}',
            detail=f"it has {', '.join(node.name for node in builder.nodes)}",
        )
    if len(builder.nodes) == 1:
        raise UsageError(
            "can not leave last node, do you want to rm instance instead?",
            hint=f"remove the builder: pybake rm {builder.name}",
        )
    return replace(builder, nodes=tuple(node for node in builder.nodes if node.name != name))


def _check_static(builder: Builder, what: str) -> None:
    if builder.dynamic:
        raise UsageError(f"dynamic node group does not support {what}", detail=f"`{builder.name}`")


def _updated(node: Node, change: Change) -> Node:
    return replace(
        node,
        endpoint=change.endpoint if change.moves else node.endpoint,
        platforms=change.platforms or node.platforms,
        driver_opts=node.driver_opts if change.driver_opts is None else change.driver_opts,
        buildkitd_flags=node.buildkitd_flags if change.flags is None else change.flags,
        files=node.files if change.files is None else {**node.files, **change.files},
    )


def _made(builder: Builder, change: Change) -> Node:
    taken = {node.name for node in builder.nodes}
    free = (f"{builder.name}{number}" for number in count())
    return Node(
        name=valid_name(change.name or next(name for name in free if name not in taken)),
        endpoint=change.endpoint,
        platforms=change.platforms,
        driver_opts=change.driver_opts or {},
        buildkitd_flags=change.flags or (),
        files=change.files or {},
    )


def _without(node: Node, platforms: tuple[Platform, ...]) -> Node:
    """A platform is fixed to one node: the last that it was given to."""
    return replace(node, platforms=tuple(one for one in node.platforms if one not in platforms))
