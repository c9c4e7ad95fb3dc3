"""`Config` to `Definition`: evaluated blocks become targets and groups, merged by name, nothing selected.

Faults are DefinitionErrors at the attribute or element at fault, all of them together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bake.errors import BakeError, flatten, raise_all
from bake.evaluate.schema import AttributeSchema, BlockSchema
from bake.evaluate.types import STRING, List
from bake.model.fields import FIELDS, SPELLED
from bake.model.held import HEADER, target_of
from bake.model.kinds import DESCRIPTION
from bake.model.matrix import expand_group, expand_target
from bake.model.merge import merge
from bake.model.origins import Mark, Origins
from bake.model.target import Definition, Group
from bake.source import Cause, Origin

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bake.evaluate.config import Config, EvaluatedBlock
    from bake.model.held import Draft

SCHEMAS: Mapping[str, BlockSchema] = {
    "target": BlockSchema({field.name: field.kind.schema for field in FIELDS.values()}, expand_target),
    "group": BlockSchema(
        {
            "targets": AttributeSchema(List(STRING), required=True),
            "description": DESCRIPTION.schema,
        },
        expand_group,
    ),
}
"""What evaluating has to know of targets and groups."""


def decode(config: Config) -> Definition:
    """The definition that `config` describes."""
    drafts: dict[str, Draft] = {}
    headers: dict[str, Mark] = {}
    faults: list[BakeError] = []
    for block in config.targets:
        drafts[block.name] = merge(drafts.get(block.name, {}), _draft(block, faults))
        headers[block.name] = _header(block)
    raise_all(_once(faults), "faults in the definition")
    groups, hidden = _groups(config)
    return Definition.trusted(
        targets={name: target_of(name, draft, headers[name]) for name, draft in drafts.items()},
        groups=groups,
        hidden=hidden,
        variables=config.variables,
        warnings=config.warnings,
    )


def _draft(block: EvaluatedBlock, faults: list[BakeError]) -> Draft:
    draft: Draft = {}
    for name, attribute in block.attributes.items():
        row = SPELLED[name]
        try:
            held = row.kind.decode(attribute)
        except (BakeError, ExceptionGroup) as exc:
            faults += flatten(exc)
            continue
        if held is not None:
            draft[row.attribute] = held
    return draft


def _once(faults: Iterable[BakeError]) -> list[BakeError]:
    """Without the faults that several members of a matrix share."""
    return list({str(fault): fault for fault in faults}.values())


def _header(block: EvaluatedBlock) -> Mark:
    cause = Cause.MATRIX if block.matrix is not None else Cause.BLOCK
    return Mark(Origin(cause, block.syntax.header))


def _groups(config: Config) -> tuple[dict[str, Group], tuple[Group, ...]]:
    written = {block.name: _group(block) for block in config.groups}
    labels = [
        Group.trusted(name=label, targets=members, of_matrix=True)
        for label, members in config.matrix_groups.items()
        if members
    ]
    groups = {**written, **{group.name: group for group in labels if group.name not in written}}
    return groups, tuple(group for group in labels if group.name in written)


def _group(block: EvaluatedBlock) -> Group:
    targets = block.attributes.get("targets")
    description = block.attributes.get("description")
    members: dict[str, Mark] = {}
    # only what is examined in spite of faults lacks what it must have
    for index, member in enumerate((targets.value.raw or ()) if targets else ()):
        members.setdefault(member.raw, Mark(targets, index))
    marks: dict[str, Mark | tuple[Mark, ...]] = {HEADER: _header(block), "targets": tuple(members.values())}
    return Group.trusted(
        name=block.name,
        targets=tuple(members),
        description=description.value.raw if description else "",
        origins=Origins(marks),
    )
