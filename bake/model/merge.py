"""Putting definitions of the same names together: blocks of one file, files, a target and its parents.

The rule of each field is in `bake.model.fields`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bake.model.fields import FIELDS
from bake.model.held import draft_of, header_of, target_of
from bake.model.target import Definition

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bake.model.held import Draft
    from bake.model.target import Group, Target


def merge(mine: Draft, theirs: Draft) -> Draft:
    """`theirs` laid over `mine`, field by field."""
    if not mine:
        return theirs
    merged = dict(mine)
    for name, held in theirs.items():
        merged[name] = FIELDS[name].merge(mine[name], held) if name in mine else held
    return merged


def merge_targets(mine: Target, theirs: Target) -> Target:
    """One target of two of the same name, the later one last."""
    return target_of(theirs.name, merge(draft_of(mine), draft_of(theirs)), header_of(theirs))


def merge_definitions(definitions: Iterable[Definition]) -> Definition:
    """All definitions as one, the last one last. A later group replaces one of its name, but for one of a
    matrix, which gives way (`c.Groups` of bake.ParseFiles gets it last, and the first of a name is found)."""
    targets: dict[str, Target] = {}
    groups: dict[str, Group] = {}
    hidden: list[Group] = []
    variables: dict[str, Any] | None = None
    warnings: list[object] = []
    for definition in definitions:
        for name, target in definition.targets.items():
            targets[name] = merge_targets(targets[name], target) if name in targets else target
        for name, group in definition.groups.items():
            if group.of_matrix and name in groups:
                hidden.append(group)
            else:
                groups[name] = group
        hidden += definition.hidden
        if definition.variables is not None:
            variables = {**(variables or {}), **{each.name: each for each in definition.variables}}
        warnings += definition.warnings
    return Definition.trusted(
        targets=targets,
        groups=groups,
        hidden=tuple(hidden),
        variables=None if variables is None else tuple(variables.values()),
        warnings=tuple(warnings),
    )
