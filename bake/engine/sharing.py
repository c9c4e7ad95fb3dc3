"""Which folders are served once for many builds.

Takes the Solves of one node, gives what each has served by shared sessions and what by its own. Its rule:
a folder that several builds ask for under the same name is shared, and so is every folder of a build that
others link to, because they may ask for it after that build's own session has ended.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from bake.record import record
from bake.solve import LocalTree

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bake.solve import InlineTree, Solve, SolveKey


@record
class Split:
    """The trees of one Solve by local name."""

    shared: Mapping[str, LocalTree | InlineTree]
    own: Mapping[str, LocalTree | InlineTree]


def split(solves: Iterable[Solve]) -> dict[SolveKey, Split]:
    solves = list(solves)
    uses = Counter(
        (name, tree) for solve in solves for name, tree in solve.locals.items() if isinstance(tree, LocalTree)
    )
    found = {}
    for solve in solves:
        shared = {
            name: tree
            for name, tree in solve.locals.items()
            if isinstance(tree, LocalTree) and (solve.linked or uses[name, tree] > 1)
        }
        own = {name: tree for name, tree in solve.locals.items() if name not in shared}
        found[solve.key] = Split(shared, own)
    return found
