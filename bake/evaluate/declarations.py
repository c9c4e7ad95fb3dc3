"""What the files declare, by name, before anything is evaluated.

Takes all files of one definition, gives `Declarations`; what is malformed goes to `faults`, what is not
known and therefore ignored to `warnings`. A variable or function of a later file replaces the earlier
one whole, so does a global attribute; blocks of targets and groups are all kept, in order.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from bake.errors import DefinitionError
from bake.evaluate import functions
from bake.evaluate.wording import did_you_mean
from bake.goquote import quoted
from bake.record import record
from bake.source import Span

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from bake.errors import BakeError
    from bake.syntax.tree import Attribute, Block, Body, File

VARIABLE_ATTRIBUTES = ("type", "default", "description")
FUNCTION_ATTRIBUTES = ("params", "variadic_params", "result")
VALIDATION_ATTRIBUTES = ("condition", "error_message")
_DEFINING = ("variable", "function")


@record(frozen=False)
class Declarations:
    """Names and where they are declared. `blocks` are those of the schema's types."""

    variables: dict[str, Block] = field(default_factory=dict)
    functions: dict[str, Block] = field(default_factory=dict)
    attributes: dict[str, Attribute] = field(default_factory=dict)
    blocks: list[Block] = field(default_factory=list)
    faults: list[BakeError] = field(default_factory=list)
    warnings: list[BakeError] = field(default_factory=list)


def declarations(files: Sequence[File], kinds: Collection[str], builtin: Collection[str]) -> Declarations:
    """Everything that `files` declare. `kinds` are the types of blocks there are besides variables and
    functions; neither those nor `builtin` names can be declared as variables."""
    found = Declarations()
    reserved = {*kinds, *builtin}
    for file in files:
        for block in file.body.blocks:
            _declare(block, kinds, reserved, found)
        found.attributes.update(
            (name, attribute) for name, attribute in file.body.attributes.items() if name not in reserved
        )
    return found


def _declare(block: Block, kinds: Collection[str], reserved: Collection[str], found: Declarations) -> None:
    kind = block.type.text
    if kind not in kinds and kind not in _DEFINING:
        found.warnings.append(_unexpected_block(block, [*_DEFINING, *kinds]))
        return
    fault = _label_fault(block)
    if fault is not None:
        found.faults.append(fault)
        return
    if kind in kinds:
        found.blocks.append(block)
        return
    name = block.labels[0].text
    if kind == "function" and name in functions.names():
        detail = f"The built-in function {quoted(name)} cannot be replaced; this definition is ignored."
        found.warnings.append(DefinitionError("Function ignored", block.labels[0].span, detail=detail))
    elif name not in reserved:
        declared = found.variables if kind == "variable" else found.functions
        declared[name] = block
    found.faults += [_labelled(rule) for rule in block.body.of_type("validation") if rule.labels]


def _label_fault(block: Block) -> BakeError | None:
    kind = block.type.text
    if not block.labels:
        span = Span(block.source, block.body.start, block.body.start + 1)
        return DefinitionError(
            f"Missing name for {kind}", span, detail=f"All {kind} blocks must have 1 labels (name)."
        )
    if len(block.labels) > 1:
        detail = f"Only 1 labels (name) are expected for {kind} blocks."
        return DefinitionError(f"Extraneous label for {kind}", block.labels[1].span, detail=detail)
    return None


def _labelled(block: Block) -> BakeError:
    kind = block.type.text
    detail = f"No labels are expected for {kind} blocks."
    return DefinitionError(f"Extraneous label for {kind}", block.labels[0].span, detail=detail)


def unexpected(body: Body, attributes: Collection[str], blocks: Collection[str] = ()) -> Iterable[BakeError]:
    """What stands in a body and has no place there, with the nearest name that has."""
    for name, attribute in body.attributes.items():
        if name not in attributes:
            yield _unexpected_attribute(attribute, [one for one in attributes if one not in body.attributes])
    for block in body.blocks:
        if block.type.text not in blocks:
            yield _unexpected_block(block, blocks, attributes)


def _unexpected_attribute(attribute: Attribute, candidates: Sequence[str]) -> BakeError:
    name = attribute.name.text
    detail = f"An argument named {quoted(name)} is not expected here."
    hint = did_you_mean(name, candidates)
    return DefinitionError("Unsupported argument", attribute.name.span, detail=detail, hint=hint)


def _unexpected_block(block: Block, candidates: Iterable[str], attributes: Collection[str] = ()) -> BakeError:
    kind = block.type.text
    detail = f"Blocks of type {quoted(kind)} are not expected here."
    if kind in attributes:
        hint: str | None = f"Did you mean to define argument {quoted(kind)}? If so, use the equals sign."
    else:
        hint = did_you_mean(kind, candidates)
    return DefinitionError("Unsupported block type", block.type.span, detail=detail, hint=hint)
