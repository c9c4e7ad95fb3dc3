"""A definition as a graph: groups, their members, and targets that build on targets.

Takes a whole definition and names, gives a `Drawing`. Its rule: a fault in one target keeps nobody from
seeing the others; targets that only others inherit from (`_…`) are left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bake.drawing import Box, Drawing, Edge, Kind, Relation
from bake.model.flags import Selection
from bake.model.selection import Members, examine, requested
from bake.plan import graph

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bake.host import Host
    from bake.model.target import Definition


def drawing(whole: Definition, names: Sequence[str], host: Host) -> Drawing:
    """The graph of what `names` (groups, targets, patterns) stand for and lead to, of everything without any.

    Raises UsageError for names that match nothing.
    """
    wanted = tuple(names) or (*whole.groups, *whole.targets)
    chosen, faults = examine(whole, Selection(targets=wanted), host)
    if names and not chosen.targets and faults:
        raise faults[0]
    members = Members(whole)
    for name in requested(whole, wanted):
        members.add(name)
    groups = [group for group in whole.groups.values() if group.name in members.groups]
    edges = list(_edges(chosen, [group.name for group in groups], whole))
    joined = {end for edge in edges for end in (edge.tail, edge.head)}
    boxes = [Box(Kind.GROUP, group.name) for group in groups]
    for name in (one for one in whole.targets if one in chosen.targets):
        box = Box(Kind.TARGET, name, chosen.targets[name].platforms)
        if names or box.id in joined or not name.startswith("_"):
            boxes.append(box)
    return Drawing(tuple(boxes), tuple(edges))


def _edges(chosen: Definition, groups: Sequence[str], whole: Definition) -> Iterator[Edge]:
    for name in groups:
        for member in dict.fromkeys(whole.groups[name].targets):
            # a name that is both means the group, but inside of that group itself
            is_group = member in whole.groups and member != name
            kind = Kind.GROUP if is_group else Kind.TARGET
            if is_group or member in chosen.targets:
                yield Edge(f"group:{name}", Box(kind, member).id, Relation.MEMBER)
    for name in whole.targets:
        if name in chosen.targets:
            for context, used in graph.links(chosen.targets[name]).items():
                if used in chosen.targets:
                    yield Edge(f"target:{name}", f"target:{used}", Relation.CONTEXT, context)
