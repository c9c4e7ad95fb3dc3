"""What evaluating gives: blocks with their attributes' values, each with its place kept."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from bake.record import record

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bake.errors import BakeError
    from bake.evaluate.types import Type
    from bake.evaluate.values import Value
    from bake.source import Origin
    from bake.syntax.tree import Attribute, Block


@record
class EvaluatedAttribute:
    """One attribute's value; `syntax` gives the places of its elements. `value` has the type that the
    attribute's row asks for where it asks for one, else the type of the expression."""

    value: Value
    syntax: Attribute
    origin: Origin


@record
class EvaluatedBlock:
    """One target or group block, or one member of a matrix of them.

    `name` is what it is called (after the matrix), `label` what was written. `matrix` holds this
    member's values, None without a matrix.
    """

    type: str
    name: str
    label: str
    attributes: Mapping[str, EvaluatedAttribute]
    syntax: Block
    matrix: Mapping[str, Value] | None = None


@record
class Variable:
    """A variable as `--list=variables` shows it. `type` is None when it was not declared."""

    name: str
    value: Value
    origin: Origin
    type: Type | None = None
    description: str = ""


@record
class Config:
    """All HCL, JSON and TOML files of one definition, evaluated.

    `targets` and `groups` stand in the order of the files; a name may come more than once, and
    merging is the model's affair. `matrix_groups` maps a matrix target's label to its members, axes in
    the order written. `warnings` are faults that do not stop anybody (an unknown attribute).
    """

    targets: tuple[EvaluatedBlock, ...] = ()
    groups: tuple[EvaluatedBlock, ...] = ()
    variables: tuple[Variable, ...] = ()
    matrix_groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    warnings: tuple[BakeError, ...] = ()
