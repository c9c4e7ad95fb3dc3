"""Targets as a graph: who is a context of whom, in which order they can be built.

Takes targets, gives names; cycles are named with every member. Its rule: an order that depends only
on the graph and the order of the definition.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bake.errors import DefinitionError
from bake.plan.faults import fault, span_of
from bake.solve import SolveKey

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bake.model.target import Target

PREFIX = "target:"


def solve_key(target: str, node: str) -> SolveKey:
    """The name of one Solve: `app@node`."""
    return SolveKey(f"{target}@{node}")


def links(target: Target) -> dict[str, str]:
    """The target's contexts that are other targets: context name to target name."""
    return {
        name: value.removeprefix(PREFIX)
        for name, value in target.contexts.items()
        if value.startswith(PREFIX)
    }


def order(targets: Mapping[str, Target]) -> list[str]:
    """The names of all targets, inputs first. Raises DefinitionError for unknown inputs and cycles."""
    done: dict[str, None] = {}
    for name in targets:
        _visit(targets, name, done)
    return list(done)


def _visit(targets: Mapping[str, Target], name: str, done: dict[str, None]) -> None:
    """Depth first, but on a stack of its own: a chain of a thousand targets is no reason to fail."""
    stack = [(name, iter(links(targets[name]).items()))] if name not in done else []
    path = [name]
    while stack:
        current, remaining = stack[-1]
        context, wanted = next(remaining, ("", ""))
        if not wanted:
            done[current] = None
            stack.pop()
            path.pop()
        elif wanted in path:
            raise _cycle(targets, [*path[path.index(wanted) :], wanted])
        elif wanted not in targets:
            raise _unknown(targets, current, context, wanted)
        elif wanted not in done:
            path.append(wanted)
            stack.append((wanted, iter(links(targets[wanted]).items())))


def _cycle(targets: Mapping[str, Target], members: list[str]) -> DefinitionError:
    first = targets[members[-2]]
    return DefinitionError(
        "Targets are contexts of each other",
        span_of(first, "contexts"),
        detail=" needs ".join(f"`{name}`" for name in members),
        hint="break the circle: one of these targets has to do without the other",
    )


def _unknown(targets: Mapping[str, Target], name: str, context: str, wanted: str) -> DefinitionError:
    from difflib import get_close_matches

    near = get_close_matches(wanted, list(targets), n=1)
    return fault(
        targets[name],
        f"contexts.{context}",
        "Unknown target in a context",
        detail=f"context `{context}` names `{wanted}`, which is no target",
        hint=f"did you mean `target:{near[0]}`?" if near else None,
    )


def with_inputs(targets: Mapping[str, Target], wanted: Iterable[str]) -> set[str]:
    """`wanted` and everything they are built from."""
    found: set[str] = set()
    waiting = list(wanted)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += links(targets[name]).values()
    return found


def families(targets: Mapping[str, Target]) -> dict[str, str]:
    """For each target the name its family goes by: targets that are linked, directly or not, share it.

    A family should build on one node, because a result is only a context where it was built.
    """
    parent = {name: name for name in targets}

    def root(name: str) -> str:
        while parent[name] != name:
            parent[name] = parent[parent[name]]
            name = parent[name]
        return name

    for name, target in targets.items():
        for wanted in links(target).values():
            one, other = sorted((root(name), root(wanted)))
            parent[other] = one
    return {name: root(name) for name in targets}
