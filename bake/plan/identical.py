"""Targets that ask for the very same build, outputs and all: it is planned once, and is the result of both.

Takes a `Plan`, gives one with each of its Solves once. Builds that differ in a tag or an output are left
alone: BuildKit itself runs the steps they share once.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bake.solve import SolveKey

if TYPE_CHECKING:
    from collections.abc import Hashable

    from bake.plan.records import Plan
    from bake.solve import Solve


def merged(plan: Plan) -> Plan:
    """`plan` without the Solves that are another one but for the target's name; joins name the first."""
    firsts: dict[SolveKey, SolveKey] = {}
    kept: dict[SolveKey, Solve] = {}
    known: dict[Hashable, list[tuple[Solve, SolveKey]]] = {}
    for key, solve in plan.solves.items():
        links = tuple(replace(link, solve=firsts[link.solve]) for link in solve.links)
        bare = replace(solve, key=SolveKey(""), target="", linked=False, links=links)
        alike = known.setdefault((solve.node, frozenset(solve.attrs.items())), [])
        first = firsts[key] = next((name for other, name in alike if other == bare), key)
        if first == key:
            alike.append((bare, key))
            kept[key] = replace(solve, links=links)
        elif solve.linked:
            kept[first] = replace(kept[first], linked=True)
    joins = {
        target: replace(join, solves=tuple(firsts[key] for key in join.solves))
        for target, join in plan.joins.items()
    }
    return replace(plan, solves=kept, joins=joins)
