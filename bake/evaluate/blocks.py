"""Blocks of targets and groups: their members, and their attributes as their schema wants them.

A `Blocks` holds all blocks of the files in order; which attribute is evaluated when is not decided here.
What an attribute must be, and the words when it is not, are gohcl's.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from bake.errors import BakeError, flatten
from bake.evaluate import expressions
from bake.evaluate.config import EvaluatedAttribute, EvaluatedBlock
from bake.evaluate.convert import ConversionError, convert
from bake.evaluate.positions import missing_place, value_start
from bake.evaluate.types import BOOL, DYNAMIC, NUMBER, STRING, List, Map
from bake.evaluate.values import ANY_UNKNOWN, Value, is_wholly_known, null, object_of, string
from bake.goquote import quoted
from bake.record import record
from bake.source import Cause, Origin

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from bake.evaluate.frame import Frame
    from bake.evaluate.schema import AttributeSchema, BlockSchema, Member
    from bake.evaluate.types import Type
    from bake.syntax.tree import Attribute, Block


@record(frozen=False, eq=False)
class MemberState:
    """One member of a block and its attributes so far."""

    member: Member
    attributes: dict[str, EvaluatedAttribute] = field(default_factory=dict)
    seen: dict[str, Value] = field(default_factory=dict)


@record(frozen=False, eq=False)
class BlockState:
    """A block as it is written, what it is to hold, and its members once they are known."""

    syntax: Block
    schema: BlockSchema
    members: list[MemberState] = field(default_factory=list)

    @property
    def kind(self) -> str:
        return self.syntax.type.text

    @property
    def own_names(self) -> frozenset[str]:
        """The names that a matrix brings."""
        return frozenset(name for state in self.members for name in state.member.variables or ())

    def wanted(self) -> Iterator[Attribute]:
        """The attributes that the schema knows, as written."""
        known = self.schema.attributes
        for name, attribute in self.syntax.body.attributes.items():
            if name in known:
                yield attribute

    def evaluated(self) -> Iterator[EvaluatedBlock]:
        for state in self.members:
            yield EvaluatedBlock(
                type=self.kind,
                name=state.member.name,
                label=self.syntax.labels[0].text,
                attributes=state.attributes,
                syntax=self.syntax,
                matrix=state.member.variables,
            )


class Blocks:
    """All blocks, and the members that expressions can refer to by name: of several the last one."""

    def __init__(self, blocks: Sequence[Block], schemas: Mapping[str, BlockSchema]) -> None:
        self.states = [BlockState(block, schemas[block.type.text]) for block in blocks]
        self.kinds = frozenset(schemas)
        self._members: dict[str, dict[str, tuple[BlockState, MemberState]]] = {}

    def publish(self) -> None:
        """Let expressions refer to the members, which are all known now."""
        self._members = {kind: {} for kind in self.kinds}
        for state in self.states:
            for member in state.members:
                self._members[state.kind][member.member.name] = (state, member)

    def names(self, kind: str) -> list[str] | None:
        """The names that are there, None as long as nothing can be referred to."""
        if kind not in self._members:
            return None
        return list(self._members[kind]) or [
            state.syntax.labels[0].text for state in self.states if state.kind == kind
        ]

    def is_published(self, kind: str) -> bool:
        return kind in self._members

    def state(self, kind: str, name: str) -> BlockState | None:
        found = self._members[kind].get(name)
        return found[0] if found else None

    def value(self, kind: str, name: str, faults: list[BakeError]) -> Value | None:
        """The object that `kind.name` is: all attributes of the schema, as expressions see them."""
        found = self._members[kind].get(name)
        if found is None:
            return None
        state, member = found
        values = {"name": string(name)}
        for attribute, row in state.schema.attributes.items():
            held = member.attributes.get(attribute)
            if held is None:
                values[attribute] = null(row.type) if row.seen is None else row.seen(None)
                continue
            if attribute not in member.seen:
                member.seen[attribute] = _seen(row, held, faults)
            values[attribute] = member.seen[attribute]
        return object_of(values)


def _seen(row: AttributeSchema, held: EvaluatedAttribute, faults: list[BakeError]) -> Value:
    if row.seen is None:
        return held.value
    try:
        return row.seen(held)
    except (BakeError, ExceptionGroup) as exc:
        faults += flatten(exc)
        return ANY_UNKNOWN


def missing(state: BlockState, frame: Frame) -> None:
    """Report the attributes that the block must have but lacks."""
    for name, row in state.schema.attributes.items():
        if row.required and name not in state.syntax.body.attributes:
            detail = f"The argument {quoted(name)} is required, but no definition was found."
            frame.fault("Missing required argument", missing_place(state.syntax), detail)


def evaluate_attribute(
    state: BlockState,
    attribute: Attribute,
    frame: Frame,
    origin_of: Callable[[Attribute, Collection[str]], Origin | None],
) -> None:
    """Evaluate one attribute for all members of its block; a value that is at fault is left out."""
    row = state.schema.attributes[attribute.name.text]
    for member in state.members:
        variables = member.member.variables
        value = _decoded(attribute, row, frame.within(variables) if variables else frame)
        if value is not None:
            origin = origin_of(attribute, variables or ()) or Origin(Cause.BLOCK, attribute.value.span)
            member.attributes[attribute.name.text] = EvaluatedAttribute(value, attribute, origin)


def _decoded(attribute: Attribute, row: AttributeSchema, frame: Frame) -> Value | None:
    faults = len(frame.faults)
    value = expressions.evaluate(attribute.value, frame)
    if len(frame.faults) > faults:
        return None
    reason: str | None = None
    try:
        value = _converted(value, row.type)
    except ConversionError as exc:
        reason = str(exc)
    else:
        if not is_wholly_known(value):
            # an unknown value comes from a fault that has been told already, but for cty's own gaps
            reason = None if frame.faults else "value must be known"
            if reason is None:
                return None
        elif _has_forbidden_null(value, row):
            reason = "null value is not allowed"
    if reason is None:
        return value
    text = attribute.value.span.text
    single = isinstance(row.type, List) and value.type in (STRING, NUMBER, BOOL) and not value.is_null
    hint = f"Put it in brackets: [{text}]" if single and "\n" not in text else None
    frame.fault("Unsuitable value type", value_start(attribute), f"Unsuitable value: {reason}", hint)
    return None


def _converted(value: Value, wanted: Type) -> Value:
    # nearly all attributes are texts in a list or a map: those need no search for a conversion
    raw = value.raw
    if type(raw) is tuple and wanted == _TEXTS and all(one.type is STRING for one in raw):
        return Value(wanted, raw)
    if type(raw) is dict and wanted == _TEXTS_BY_NAME and all(one.type is STRING for one in raw.values()):
        return Value(wanted, raw)
    return value if wanted is DYNAMIC else convert(value, wanted)


_TEXTS = List(STRING)
_TEXTS_BY_NAME = Map(STRING)


def _has_forbidden_null(value: Value, row: AttributeSchema) -> bool:
    if value.is_null:
        return not row.nullable
    if row.type == DYNAMIC or row.null_items:
        return False
    items = value.raw.values() if isinstance(value.raw, dict) else value.raw
    return isinstance(value.raw, dict | tuple) and any(item.is_null for item in items)
