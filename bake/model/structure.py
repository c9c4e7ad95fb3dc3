"""Whether the targets and groups of a whole definition find each other: names in `inherits`, in groups and in
contexts, all of them, whoever is asked for.

Takes a definition, gives faults; selecting says the same, but stops at each target's first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bake.errors import DefinitionError
from bake.evaluate.wording import did_you_mean
from bake.model.inherit import missing_target
from bake.model.links import SCHEME
from bake.model.target import Target

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bake.model.target import Definition, Group
    from bake.source import Origin


def unknown_names(definition: Definition) -> Iterator[DefinitionError]:
    """A fault for each name of a target or group that there is not."""
    for group in definition.groups.values():
        yield from _unknown_members(group, definition)
    for target in definition.targets.values():
        yield from _unknown_parents(target, definition.targets)
        yield from _unknown_links(target, definition.targets)


def completed(definition: Definition) -> tuple[Definition, set[str]]:
    """`definition` with an empty target for each name that leads nowhere, and those names; what is left can
    then be resolved."""
    needed = {name for target in definition.targets.values() for name in _needed(target)}
    members = {name for group in definition.groups.values() for name in group.targets}
    missing = (needed | (members - definition.groups.keys())) - definition.targets.keys()
    stubs = {name: Target.trusted(name=name) for name in sorted(missing)}
    return definition.model_copy(update={"targets": {**definition.targets, **stubs}}), missing


def _needed(target: Target) -> Iterator[str]:
    yield from target.inherits
    yield from (
        written.removeprefix(SCHEME) for written in target.contexts.values() if written.startswith(SCHEME)
    )


def _unknown_members(group: Group, definition: Definition) -> Iterator[DefinitionError]:
    for index, member in enumerate(group.targets):
        if member in definition.targets or member in definition.groups:
            continue
        yield _fault(
            "Unknown member of a group",
            group.origins.get(f"targets[{index}]") or group.origins.get("name"),
            f"Group `{group.name}` names `{member}`, which is neither a target nor a group.",
            did_you_mean(member, (*definition.targets, *definition.groups)),
        )


def _unknown_parents(target: Target, targets: Mapping[str, Target]) -> Iterator[DefinitionError]:
    for index, parent in enumerate(target.inherits):
        if parent not in targets:
            yield missing_target(parent, targets, target.origins.get(f"inherits[{index}]"))


def _unknown_links(target: Target, targets: Mapping[str, Target]) -> Iterator[DefinitionError]:
    for context, written in target.contexts.items():
        name = written.removeprefix(SCHEME)
        if name != written and name not in targets:
            yield missing_target(name, targets, target.origins.get(f"contexts.{context}"))


def _fault(summary: str, at: Origin | None, detail: str, hint: str | None) -> DefinitionError:
    return DefinitionError(summary, at.span if at else None, detail=detail, hint=hint)
