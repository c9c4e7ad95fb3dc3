"""The tree of a template: what an action, a pipeline and an operand are made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bake.source import Span


@dataclass(frozen=True, slots=True)
class Text:
    """What stands outside of actions."""

    text: str


@dataclass(frozen=True, slots=True)
class Literal:
    """A string, number, character, boolean or nil."""

    value: Any
    span: Span


@dataclass(frozen=True, slots=True)
class Dot:
    """`.`"""

    span: Span


@dataclass(frozen=True, slots=True)
class Variable:
    """`$name`; `$` is what the template was given."""

    name: str
    span: Span


@dataclass(frozen=True, slots=True)
class Function:
    """A function by its name, called with the operands behind it."""

    name: str
    span: Span


@dataclass(frozen=True, slots=True)
class Chain:
    """`base.A.B`."""

    base: Operand
    names: tuple[str, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Pipe:
    """Commands, each the last operand of the next; `names` are set to the result (`declares` or assigns)."""

    commands: tuple[tuple[Operand, ...], ...]
    span: Span
    names: tuple[str, ...] = ()
    declares: bool = False


@dataclass(frozen=True, slots=True)
class Branch:
    """`if`, `with` or `range`, by `kind`."""

    kind: str
    pipe: Pipe
    body: tuple[Node, ...]
    otherwise: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Jump:
    """`break` or `continue`, by `kind`."""

    kind: str


Operand = Literal | Dot | Variable | Function | Chain | Pipe
Node = Text | Pipe | Branch | Jump
