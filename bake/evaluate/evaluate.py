"""All files of one definition, evaluated: the room's front door.

Takes the files' trees, the schema of their blocks, the host and what overrides variables; gives a
Config or raises every fault that was found, together. The stages are buildx's (hclparser.Parse), and
each sees the names that the earlier ones have settled: variables, their validations, functions, the
names of blocks, the attributes of blocks, global attributes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bake.errors import BakeError, flatten, raise_all
from bake.evaluate import expressions
from bake.evaluate.blocks import Blocks, BlockState, MemberState, missing
from bake.evaluate.config import Config, EvaluatedBlock, Variable
from bake.evaluate.declarations import (
    VALIDATION_ATTRIBUTES,
    VARIABLE_ATTRIBUTES,
    declarations,
    unexpected,
)
from bake.evaluate.resolution import Resolution
from bake.evaluate.schema import Member
from bake.evaluate.unused import unused
from bake.evaluate.values import is_wholly_known
from bake.evaluate.variables import description, validate

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bake.evaluate.declarations import Declarations
    from bake.evaluate.schema import BlockSchema, Overrides
    from bake.evaluate.values import Value
    from bake.host import Host
    from bake.syntax.tree import Expression, File


def evaluate(
    files: Sequence[File], schemas: Mapping[str, BlockSchema], host: Host, overrides: Overrides
) -> Config:
    """Evaluate `files`, of which later ones go on where earlier ones end.

    `schemas` has a row for each type of block to evaluate (`target`, `group`). Raises DefinitionError,
    or a group of them with all faults in the order in which they were found.
    """
    config, faults = examine(files, schemas, host, overrides)
    raise_all(faults, "faults in the definition")
    return config


def examine(
    files: Sequence[File], schemas: Mapping[str, BlockSchema], host: Host, overrides: Overrides
) -> tuple[Config, list[BakeError]]:
    """As `evaluate`, but gives what could be evaluated beside all faults. What is at fault is left out."""
    declared = declarations(files, schemas, overrides.builtin)
    blocks = Blocks(declared.blocks, schemas)
    resolution = Resolution(declared, blocks, host, overrides)
    variables = _variables(declared, resolution)
    for name in declared.functions:
        resolution.define(name)
    _expand_all(blocks, resolution)
    for state in blocks.states:
        missing(state, resolution.frame())
        for attribute in state.wanted():
            resolution.evaluate(state, attribute)
    for name in declared.attributes:
        resolution.settle(name)
    config = Config(
        targets=_of_kind(blocks, "target"),
        groups=_of_kind(blocks, "group"),
        variables=variables,
        matrix_groups=_matrix_groups(blocks),
        warnings=(*_warnings(declared, blocks), *unused(files, declared)),
    )
    return config, _once(resolution.faults)


def _variables(declared: Declarations, resolution: Resolution) -> tuple[Variable, ...]:
    for name in declared.variables:
        resolution.settle(name)
    frame = resolution.frame()
    for name, block in declared.variables.items():
        for rule in block.body.of_type("validation"):
            frame.faults += unexpected(rule.body, VALIDATION_ATTRIBUTES)
            validate(name, rule, frame)
    return tuple(
        Variable(name, *settled[:2], type=settled.type, description=description(block, frame))
        for name, block in declared.variables.items()
        if (settled := resolution.settled.get(name)) is not None
    )


def _expand_all(blocks: Blocks, resolution: Resolution) -> None:
    blocks.publish()  # no members yet: a header can refer to none, and to no type of blocks as a whole
    for state in blocks.states:
        for name in state.schema.header:
            attribute = state.syntax.body.attributes.get(name)
            if attribute is not None:
                resolution.prepare(attribute.value)
        state.members = [MemberState(member) for member in _members(state, resolution)]
    blocks.publish()


class _UnknownError(BakeError):
    """A block's members depend on a value that is at fault, which has been told already."""


def _members(state: BlockState, resolution: Resolution) -> Sequence[Member]:
    def value_of(expression: Expression, variables: Mapping[str, Value] | None = None) -> Value:
        return _header_value(expression, variables, resolution)

    if state.schema.expand is None:
        return [Member(state.syntax.labels[0].text)]
    try:
        return state.schema.expand(state.syntax, value_of)
    except (BakeError, ExceptionGroup) as exc:
        resolution.faults += [fault for fault in flatten(exc) if not isinstance(fault, _UnknownError)]
        return ()


def _header_value(
    expression: Expression, variables: Mapping[str, Value] | None, resolution: Resolution
) -> Value:
    frame = resolution.frame().apart()
    value = expressions.evaluate(expression, frame.within(variables) if variables else frame)
    raise_all(frame.faults)
    if is_wholly_known(value):
        return value
    if resolution.faults:
        raise _UnknownError("a value is not known")
    frame.fault("Unsuitable value type", expression.span, "Unsuitable value: value must be known")
    raise frame.faults[0]


def _of_kind(blocks: Blocks, kind: str) -> tuple[EvaluatedBlock, ...]:
    return tuple(block for state in blocks.states if state.kind == kind for block in state.evaluated())


def _matrix_groups(blocks: Blocks) -> dict[str, tuple[str, ...]]:
    members: dict[str, dict[str, None]] = {}
    for state in blocks.states:
        if state.kind == "target":
            names = (one.member.name for one in state.members)
            members.setdefault(state.syntax.labels[0].text, {}).update(dict.fromkeys(names))
    return {label: tuple(names) for label, names in members.items() if list(names) != [label]}


def _warnings(declared: Declarations, blocks: Blocks) -> Iterable[BakeError]:
    yield from declared.warnings
    for block in declared.variables.values():
        yield from unexpected(block.body, VARIABLE_ATTRIBUTES, ("validation",))
    known = {
        kind: frozenset((*schema.attributes, *schema.header))
        for kind, schema in ((state.kind, state.schema) for state in blocks.states)
    }
    for state in blocks.states:
        yield from unexpected(state.syntax.body, known[state.kind])


def _once(faults: Iterable[BakeError]) -> list[BakeError]:
    """The faults, of equal ones (which the members of a matrix have) the first."""
    found: dict[tuple[str, str, int, int, int], BakeError] = {}
    for fault in faults:
        span = fault.span
        place = (id(span.source), span.start, span.end) if span else (0, 0, 0)
        found.setdefault((fault.summary, fault.detail, *place), fault)
    return list(found.values())
