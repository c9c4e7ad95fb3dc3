"""The one syntax tree of all dialects: HCL, JSON, TOML and YAML become these nodes.

Node names and shapes are those of HCL's own parser (hashicorp/hcl, hclsyntax), so that its facts
can be looked up. Every node knows its `source` and its half-open character range. A tree holds no
values that depend on anything but the text. A text's comments stay with the `File`, in order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from bake.record import record
from bake.source import Source, Span

if TYPE_CHECKING:
    from collections.abc import Iterator


@record(frozen=False, eq=False)
class Node:
    source: Source
    start: int
    end: int

    @property
    def span(self) -> Span:
        return Span(self.source, self.start, self.end)


@record(frozen=False, eq=False)
class Comment(Node):
    """`text` with its marker (`#`, `//`, `/*`), without the line end."""

    text: str


@record(frozen=False, eq=False)
class Name(Node):
    """An identifier, or a label, or a key, as read (escapes undone)."""

    text: str


# Expressions


@record(frozen=False, eq=False)
class Literal(Node):
    """`value`: a str, a bool, None, or a number as the decimal text that was written (`Number`)."""

    value: str | bool | NumberText | None


class NumberText(str):
    """The digits of a number literal; evaluating makes the number, so no precision is lost here."""

    __slots__ = ()


@record(frozen=False, eq=False)
class Template(Node):
    """A quoted string or heredoc. `parts` are string Literals, expressions, and directives
    (a Conditional or a TemplateFor whose branches are Templates). A template of one Literal is a plain
    string, one of no parts the empty string. `quoted` is False for heredocs and branches of directives."""

    parts: tuple[Expression, ...]
    quoted: bool = True


@record(frozen=False, eq=False)
class TemplateWrap(Node):
    """`"${x}"`: the wrapped value itself, its type kept."""

    wrapped: Expression


@record(frozen=False, eq=False)
class TemplateFor(Node):
    """`%{ for k, v in coll }…%{ endfor }`: HCL's TemplateJoin over a for of templates."""

    key: Name | None
    value: Name
    collection: Expression
    body: Template


@record(frozen=False, eq=False)
class AttrStep(Node):
    name: str


@record(frozen=False, eq=False)
class IndexStep(Node):
    """A constant index in a traversal: text, or a number as written."""

    key: str | NumberText


Step: TypeAlias = AttrStep | IndexStep


@record(frozen=False, eq=False)
class ScopeTraversal(Node):
    """`root.a["b"][0]`."""

    root: Name
    steps: tuple[Step, ...]


@record(frozen=False, eq=False)
class RelativeTraversal(Node):
    """`(expr).a`: constant steps on any other expression."""

    base: Expression
    steps: tuple[Step, ...]


@record(frozen=False, eq=False)
class Index(Node):
    collection: Expression
    key: Expression


@record(frozen=False, eq=False)
class Splat(Node):
    """`base[*]…` or `base.*…`; `each` is evaluated for every element, its innermost base is a SplatItem.
    Equal to `each` being the SplatItem itself, it is the list of the elements."""

    base: Expression
    each: Expression
    marker: Span


@record(frozen=False, eq=False)
class SplatItem(Node):
    """The element that the enclosing Splat stands at (HCL's AnonSymbol)."""


@record(frozen=False, eq=False)
class Call(Node):
    """`name(args…)`; `expand` when the last argument ends in `...`."""

    name: Name
    args: tuple[Expression, ...]
    expand: bool = False


@record(frozen=False, eq=False)
class Conditional(Node):
    condition: Expression
    true: Expression
    false: Expression


@record(frozen=False, eq=False)
class Binary(Node):
    """`op`: one of `+ - * / % == != < <= > >= && ||`."""

    op: str
    left: Expression
    right: Expression


@record(frozen=False, eq=False)
class Unary(Node):
    """`op`: `-` or `!`."""

    op: str
    operand: Expression


@record(frozen=False, eq=False)
class Parens(Node):
    inner: Expression


@record(frozen=False, eq=False)
class TupleCons(Node):
    items: tuple[Expression, ...]


@record(frozen=False, eq=False)
class ObjectItem:
    """`key` is a Literal when written as a bare name; `forced` when in parentheses."""

    key: Expression
    value: Expression
    forced: bool = False


@record(frozen=False, eq=False)
class ObjectCons(Node):
    items: tuple[ObjectItem, ...]


@record(frozen=False, eq=False)
class For(Node):
    """`[for k, v in coll : value if cond]`, or `{… : key => value...}` when `key_expr` is set."""

    key: Name | None
    value: Name
    collection: Expression
    key_expr: Expression | None
    value_expr: Expression
    condition: Expression | None
    group: bool = False


Expression: TypeAlias = (
    Literal
    | Template
    | TemplateWrap
    | TemplateFor
    | ScopeTraversal
    | RelativeTraversal
    | Index
    | Splat
    | SplatItem
    | Call
    | Conditional
    | Binary
    | Unary
    | Parens
    | TupleCons
    | ObjectCons
    | For
)


# Structure


@record(frozen=False, eq=False)
class Attribute(Node):
    name: Name
    value: Expression


@record(frozen=False, eq=False)
class Block(Node):
    """`type "label" {…}`; its range ends with the closing brace, `header` with the last label."""

    type: Name
    labels: tuple[Name, ...]
    body: Body

    @property
    def header(self) -> Span:
        return Span(self.source, self.start, self.labels[-1].end if self.labels else self.type.end)


@record(frozen=False, eq=False)
class Body(Node):
    """Attributes and blocks, each in the order written."""

    attributes: dict[str, Attribute]
    blocks: tuple[Block, ...]

    def of_type(self, name: str) -> Iterator[Block]:
        return (block for block in self.blocks if block.type.text == name)


@record(frozen=False, eq=False)
class File:
    source: Source
    body: Body
    comments: tuple[Comment, ...] = ()
