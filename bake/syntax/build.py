"""The grammar's rules → nodes of `bake.syntax.tree`, called by Lark as it reduces.

One method per rule, each given the rule's children: terminals, nodes, or the small records of
`bake.syntax.templates`. The shapes are those that HCL's own parser makes of the same text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bake.source import Span
from bake.syntax import templates
from bake.syntax.terminals import Refused, Terminal
from bake.syntax.tree import (
    Attribute,
    AttrStep,
    Binary,
    Block,
    Body,
    Call,
    Conditional,
    For,
    Index,
    IndexStep,
    Literal,
    Name,
    NumberText,
    ObjectCons,
    ObjectItem,
    Parens,
    RelativeTraversal,
    ScopeTraversal,
    Splat,
    SplatItem,
    Template,
    TupleCons,
    Unary,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from bake.syntax.tree import Expression, Step

Children = list[Any]
_CONSTANTS = {"TRUE": True, "FALSE": False, "NULL": None}


def _name(token: Terminal) -> Name:
    return Name(token.source, token.start_pos, token.end_pos, token.text)


class _Bracketed:
    """`[key]`, with its range, before it is known what it is applied to."""

    __slots__ = ("end", "key")

    def __init__(self, key: Expression, end: int) -> None:
        self.key = key
        self.end = end


def _first(children: Children) -> Any:
    return children[0]


class Builder:
    """Lark's transformer; it has no state, so one parser serves everybody."""

    # Structure

    def start(self, children: Children) -> Any:
        return children[0]

    def body(self, children: Children) -> Children:
        return children

    def attribute(self, children: Children) -> Attribute:
        name, _, value = children
        return Attribute(name.source, name.start_pos, value.end, _name(name), value)

    def block(self, children: Children) -> Block:
        type_, *labels, opening, items, closing = children
        return Block(
            type_.source,
            type_.start_pos,
            closing.end_pos,
            _name(type_),
            tuple(map(_label, labels)),
            body(items, opening.source, opening.start_pos, closing.end_pos),
        )

    # Terms

    identifier = keyword = literal_value = int_lit = float_lit = staticmethod(_first)

    def expr_term(self, children: Children) -> Any:
        first = children[0]
        if len(children) == 3:
            return Parens(first.source, first.start_pos, children[2].end_pos, children[1])
        if not isinstance(first, Terminal):
            return first
        source, start, end = first.source, first.start_pos, first.end_pos
        if first.type == "NAME":
            return ScopeTraversal(source, start, end, _name(first), ())
        if first.type in _CONSTANTS:
            return Literal(source, start, end, _CONSTANTS[first.type])
        return Literal(source, start, end, NumberText(first.text))

    def tuple(self, children: Children) -> TupleCons:
        items = tuple(child for child in children if not isinstance(child, Terminal))
        return TupleCons(children[0].source, children[0].start_pos, children[-1].end_pos, items)

    def object(self, children: Children) -> ObjectCons:
        opening, closing = children[0], children[-1]
        items = children[1:-1:2]
        if any(isinstance(item, Terminal) for item in items) or any(
            not isinstance(comma, Terminal) for comma in children[2:-1:2]
        ):
            raise Refused
        return ObjectCons(opening.source, opening.start_pos, closing.end_pos, tuple(items))

    object_elem_key = staticmethod(_first)

    def object_elem(self, children: Children) -> ObjectItem:
        key, _, value = children
        if isinstance(key, Terminal):  # `for` right behind the brace makes a for-expression, always
            raise Refused
        text = key.source.text
        if type(key) is ScopeTraversal and not key.steps:
            key = Literal(key.source, key.start, key.end, key.root.text)
        elif type(key) is Literal and not isinstance(key.value, str):
            key = Literal(key.source, key.start, key.end, text[key.start : key.end])
        return ObjectItem(key, value, forced=text[key.start] == "(")

    def function_call(self, children: Children) -> Call:
        name = children[0]
        arguments = children[2] if len(children) == 4 else []
        args = tuple(child for child in arguments if not isinstance(child, Terminal))
        expand = bool(arguments) and isinstance(arguments[-1], Terminal) and arguments[-1].type == "ELLIPSIS"
        called = _name(name)
        called.text = "::".join(part.strip() for part in called.text.split("::"))
        return Call(name.source, name.start_pos, children[-1].end_pos, called, args, expand)

    def arguments(self, children: Children) -> Children:
        return children

    # Operators

    def conditional(self, children: Children) -> Conditional:
        condition, _, true, _, false = children
        return Conditional(condition.source, condition.start, false.end, condition, true, false)

    def binary_op(self, children: Children) -> Binary:
        left, (operator, right) = children
        return Binary(left.source, left.start, right.end, operator.text, left, right)

    def binary_term(self, children: Children) -> Children:
        return children

    binary_operator = staticmethod(_first)

    def unary_op(self, children: Children) -> Any:
        first, operand = children
        for operator, start in reversed(first.chain):
            operand = Unary(first.source, start, operand.end, operator, operand)
        return operand

    # Steps

    def get_attr(self, children: Children) -> AttrStep:
        dot, name = children
        return AttrStep(dot.source, dot.start_pos, name.end_pos, name.text)

    def short_index(self, children: Children) -> IndexStep:
        dot, number = children
        return IndexStep(dot.source, dot.start_pos, number.end_pos, NumberText(number.text))

    def braces_index(self, children: Children) -> IndexStep | _Bracketed:
        opening, key, closing = children
        constant = _constant(key)
        if constant is None:
            return _Bracketed(key, closing.end_pos)
        return IndexStep(opening.source, opening.start_pos, closing.end_pos, constant)

    def index_expr_term(self, children: Children) -> Expression:
        return _inside_splats(children[0], lambda base: _step(base, children[1]))

    get_attr_expr_term = index_expr_term

    attr_splat = full_splat = staticmethod(lambda children: children)

    def attr_splat_expr_term(self, children: Children) -> Expression:
        base, steps = children
        return _inside_splats(base, lambda inner: _attribute_splat(inner, *steps))

    def full_splat_expr_term(self, children: Children) -> Expression:
        base, steps = children
        return _inside_splats(base, lambda inner: _full_splat(inner, *steps))

    # For-expressions

    def for_intro(self, children: Children) -> Children:
        names = [_name(child) for child in children[1:-3:2]]
        return [names[0] if len(names) == 2 else None, names[-1], children[-2]]

    for_cond = staticmethod(lambda children: children[1])

    def for_tuple_expr(self, children: Children) -> For:
        opening, (key, value, collection), result, *condition, closing = children
        return For(
            opening.source, opening.start_pos, closing.end_pos,
            key, value, collection, None, result, condition[0] if condition else None,
        )  # fmt: skip

    def for_object_expr(self, children: Children) -> For:
        opening, (key, value, collection), key_result, _, result, *rest, closing = children
        group = bool(rest) and isinstance(rest[0], Terminal)
        condition = rest[-1] if rest and not isinstance(rest[-1], Terminal) else None
        return For(
            opening.source, opening.start_pos, closing.end_pos,
            key, value, collection, key_result, result, condition, group,
        )  # fmt: skip

    # Templates

    string_part = staticmethod(_first)
    string = staticmethod(templates.assemble)
    interpolation = staticmethod(templates.Interpolation)
    template_if_start = staticmethod(templates.IfStart)
    template_for_start = staticmethod(templates.ForStart)
    template_else = template_endif = template_endfor = staticmethod(templates.End)


def body(items: Children, source: Any, start: int, end: int) -> Body:
    """The items of a body, sorted; refuses an attribute that is set twice."""
    attributes: dict[str, Attribute] = {}
    blocks: list[Block] = []
    for item in items:
        if isinstance(item, Block):
            blocks.append(item)
        elif item.name.text in attributes:
            raise Refused
        else:
            attributes[item.name.text] = item
    return Body(source, start, end, attributes, tuple(blocks))


def _label(label: Any) -> Name:
    if isinstance(label, Terminal):
        return _name(label)
    text = _plain(label)
    if text is None:
        raise Refused
    return Name(label.source, label.start, label.end, text)


def _plain(expression: Expression) -> str | None:
    """The text of a template without sequences."""
    if not isinstance(expression, Template):
        return None
    if not expression.parts:
        return ""
    first = expression.parts[0]
    if len(expression.parts) == 1 and isinstance(first, Literal) and isinstance(first.value, str):
        return first.value
    return None


def _constant(key: Expression) -> str | NumberText | None:
    if isinstance(key, Literal) and isinstance(key.value, NumberText):
        return key.value
    return _plain(key)


def _step(base: Expression, step: Step | _Bracketed) -> Expression:
    if isinstance(step, _Bracketed):
        return Index(base.source, base.start, step.end, base, step.key)
    if isinstance(base, ScopeTraversal):
        return ScopeTraversal(base.source, base.start, step.end, base.root, (*base.steps, step))
    if isinstance(base, RelativeTraversal):
        return RelativeTraversal(base.source, base.start, step.end, base.base, (*base.steps, step))
    return RelativeTraversal(base.source, base.start, step.end, base, (step,))


def _is_full(splat: Splat) -> bool:
    return splat.marker.text[0] == "["


def _inside_splats(base: Expression, extend: Callable[[Expression], Expression]) -> Expression:
    """`extend` what a full splat does for each element: `o[*].a[*].b` nests to the right."""
    if not isinstance(base, Splat) or not _is_full(base):
        return extend(base)
    each = _inside_splats(base.each, extend)
    return Splat(base.source, base.start, each.end, base.base, each, base.marker)


def _full_splat(base: Expression, marker: Terminal, *steps: Step | _Bracketed) -> Splat:
    each: Expression = SplatItem(marker.source, marker.start_pos, marker.end_pos)
    for step in steps:
        each = _step(each, step)
    span = Span(marker.source, marker.start_pos, marker.end_pos)
    return Splat(base.source, base.start, each.end, base, each, span)


def _attribute_splat(base: Expression, marker: Terminal, *steps: Step | _Bracketed) -> Expression:
    """`o.*.a.b`; it ends at the first bracket: `o.*.a[0]` is `(o.*.a)[0]`."""
    if isinstance(base, Splat):
        raise Refused
    source = marker.source
    item = SplatItem(source, marker.start_pos, marker.end_pos)
    dotted: list[Step] = []
    for step in steps:
        if isinstance(step, _Bracketed) or source.text[step.start] == "[":
            break
        dotted.append(step)
    each: Expression = item
    if dotted:
        each = RelativeTraversal(source, dotted[0].start, dotted[-1].end, item, tuple(dotted))
    splat: Expression = Splat(
        source, base.start, each.end, base, each, Span(source, marker.start_pos, marker.end_pos)
    )
    for step in steps[len(dotted) :]:
        splat = _step(splat, step)
    return splat
