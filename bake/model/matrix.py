"""What a written block stands for: itself, or one target for each combination of its matrix.

`expand_target` and `expand_group` are the hooks that evaluating calls; rules and messages are those of
`GetEvalContexts` and `GetName` of buildx 0.36.1. Combinations come in the order in which the axes are
written, the last axis turning fastest; the reference's order is random with more than one axis.
"""

from __future__ import annotations

import re
from itertools import product
from math import prod
from typing import TYPE_CHECKING

from bake.errors import DefinitionError
from bake.evaluate.convert import ConversionError, convert
from bake.evaluate.positions import constant_key
from bake.evaluate.schema import Member
from bake.evaluate.types import STRING, Map, Object, Primitive
from bake.goquote import quoted
from bake.syntax.tree import ObjectCons

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from bake.evaluate.schema import Evaluate
    from bake.evaluate.values import Value
    from bake.syntax.tree import Attribute, Block, Expression

NAME_CHARACTERS = "[a-zA-Z0-9_-]+"
"""What the name of a target or a group is made of."""

MAX_COMBINATIONS = 10_000
"""How many targets one matrix may make."""

_NAME = re.compile(NAME_CHARACTERS)


def is_name(text: str) -> bool:
    return _NAME.fullmatch(text) is not None


def expand_target(block: Block, evaluate: Evaluate) -> Sequence[Member]:
    """The targets that `block` stands for, in order."""
    attributes = block.body.attributes
    matrix, name = attributes.get("matrix"), attributes.get("name")
    if matrix is None and name is None:
        return [Member(_checked(block.labels[0].text, block))]
    if matrix is None:
        raise _invalid(block, "name requires matrix", "use the block's label as the name, or add a `matrix`")
    members = [
        Member(_name(block, name, variables, evaluate), variables)
        for variables in _combinations(block, matrix, evaluate)
    ]
    _refuse_duplicates(block, members, name)
    return members


def expand_group(block: Block, _: Evaluate) -> Sequence[Member]:
    """A group is itself."""
    for attribute in ("name", "matrix"):
        if attribute in block.body.attributes:
            raise _invalid(block, f"{attribute} is not supported for groups")
    return [Member(_checked(block.labels[0].text, block))]


def _invalid(block: Block, problem: str, hint: str | None = None) -> DefinitionError:
    return DefinitionError("Invalid name", block.labels[0].span, detail=problem, hint=hint)


def _checked(name: str, block: Block) -> str:
    if not is_name(name):
        raise _invalid(block, f"only {quoted(NAME_CHARACTERS)} are allowed", f"{quoted(name)} is no name")
    return name


def _combinations(block: Block, matrix: Attribute, evaluate: Evaluate) -> Iterator[Mapping[str, Value]]:
    value = evaluate(matrix.value)
    if value.is_null or not isinstance(value.type, Map | Object):
        raise _invalid(block, "matrix must be a map")
    names = _in_order(matrix.value, value.raw)
    axes = [tuple(_choices(block, value.raw[name])) for name in names]
    count = prod(map(len, axes))
    if count > MAX_COMBINATIONS:
        raise _invalid(block, f"a matrix may have {MAX_COMBINATIONS:,} combinations, this one has {count:,}")
    for choice in product(*axes):
        yield dict(zip(names, choice, strict=True))


def _in_order(expression: Expression, axes: Mapping[str, Value]) -> list[str]:
    if not isinstance(expression, ObjectCons):
        return list(axes)
    written = (constant_key(item.key) for item in expression.items)
    return list(dict.fromkeys([*(name for name in written if name in axes), *axes]))  # type: ignore[list-item]


def _choices(block: Block, axis: Value) -> Iterable[Value]:
    if axis.is_null or isinstance(axis.type, Primitive):
        raise _invalid(block, "matrix values must be a list")
    choices: Iterable[Value] = axis.raw.values() if isinstance(axis.type, Map | Object) else axis.raw
    return choices


def _name(block: Block, name: Attribute | None, variables: Mapping[str, Value], evaluate: Evaluate) -> str:
    label = _checked(block.labels[0].text, block)
    if name is None:
        return label
    try:
        value = convert(evaluate(name.value, variables), STRING)
    except ConversionError as exc:
        raise _invalid(block, str(exc)) from exc
    if value.is_null:
        raise _invalid(block, "null value is not allowed")
    return _checked(value.raw, block)


def _named_after(member: Member) -> str:
    """A `name` by which the members of the matrix differ."""
    axes = "-".join(f"${{{axis}}}" for axis in member.variables or ())
    return f'name = "{member.name}-{axes}"'


def _refuse_duplicates(block: Block, members: Sequence[Member], name: Attribute | None) -> None:
    seen: set[str] = set()
    for member in members:
        if member.name in seen:
            differ = "make the `name` differ by the matrix's variables"
            hint = differ if name else f"add a name: {_named_after(member)}"
            raise _invalid(block, f"duplicate name {quoted(member.name)}", hint)
        seen.add(member.name)
