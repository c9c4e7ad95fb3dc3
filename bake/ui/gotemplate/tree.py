"""The tree of a template: what an action, a pipeline and an operand are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bake.record import record

if TYPE_CHECKING:
    from bake.source import Span


@record
class Text:
    """What stands outside of actions."""

    text: str


@record
class Literal:
    """A string, number, character, boolean or nil."""

    value: Any
    span: Span


@record
class Dot:
    """`.`"""

    span: Span


@record
class Variable:
    """`$name`; `$` is what the template was given."""

    name: str
    span: Span


@record
class Function:
    """A function by its name, called with the operands behind it."""

    name: str
    span: Span


@record
class Chain:
    """`base.A.B`."""

    base: Operand
    names: tuple[str, ...]
    span: Span


@record
class Pipe:
    """Commands, each the last operand of the next; `names` are set to the result (`declares` or assigns)."""

    commands: tuple[tuple[Operand, ...], ...]
    span: Span
    names: tuple[str, ...] = ()
    declares: bool = False


@record
class Branch:
    """`if`, `with` or `range`, by `kind`."""

    kind: str
    pipe: Pipe
    body: tuple[Node, ...]
    otherwise: tuple[Node, ...]


@record
class Jump:
    """`break` or `continue`, by `kind`."""

    kind: str


Operand = Literal | Dot | Variable | Function | Chain | Pipe
Node = Text | Pipe | Branch | Jump
