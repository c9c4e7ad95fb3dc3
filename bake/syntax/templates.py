"""The parts of a quoted string or heredoc → one `Template`, directives nested, white space trimmed.

Follows hashicorp/hcl's `parser_template.go` (v2.24): `~` trims the nearest literal part only, which in
a heredoc is one line; a flush heredoc (`<<-`) loses the smallest indentation of its lines; then
neighbouring literals melt into one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from bake.record import record
from bake.syntax.escapes import literal
from bake.syntax.limits import WALK_DEPTH, too_deep
from bake.syntax.terminals import Refused, Terminal
from bake.syntax.tree import Conditional, Literal, Name, Template, TemplateFor, TemplateWrap

if TYPE_CHECKING:
    from bake.source import Source
    from bake.syntax.tree import Expression

SPACES = (
    "\t\n\v\f\r "
    "\x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)
"""What Go's unicode.IsSpace holds."""


class Sequence:
    """`${…}` or `%{…}`: its range, and which sides of it `~` trims."""

    def __init__(self, children: list[Any]) -> None:
        opening, closing = children[0], children[-1]
        self.source: Source = opening.source
        self.start: int = opening.start_pos
        self.end: int = closing.end_pos
        self.trims_before = opening.end_pos - opening.start_pos == 3
        self.trims_after = closing.end_pos - closing.start_pos == 2


class Interpolation(Sequence):
    def __init__(self, children: list[Any]) -> None:
        super().__init__(children)
        self.expression: Expression = children[1]


class IfStart(Sequence):
    def __init__(self, children: list[Any]) -> None:
        super().__init__(children)
        self.condition: Expression = children[2]


class ForStart(Sequence):
    def __init__(self, children: list[Any]) -> None:
        super().__init__(children)
        names = [Name(t.source, t.start_pos, t.end_pos, t.text) for t in children[2:-3:2]]
        self.key = names[0] if len(names) == 2 else None
        self.value = names[-1]
        self.collection: Expression = children[-2]


class End(Sequence):
    """`%{else}`, `%{endif}` or `%{endfor}`."""

    def __init__(self, children: list[Any]) -> None:
        super().__init__(children)
        self.keyword: str = children[1].type


@record(frozen=False)
class Text:
    """A literal part while it is being trimmed."""

    start: int
    end: int
    value: str


Part: TypeAlias = Text | Sequence


def assemble(children: list[Any]) -> Template | TemplateWrap:
    """The node of `"…"` or a heredoc, from its marks and what stands between them."""
    opening, closing = children[0], children[-1]
    mark = opening.text[:3]
    parts = _trimmed(children[1:-1], quoted=mark.startswith('"'))
    if mark == "<<-":
        _flush(parts)
    parts = _melted(parts)
    source, start, end = opening.source, opening.start_pos, closing.end_pos
    if len(parts) == 1 and isinstance(parts[0], Interpolation):
        return TemplateWrap(source, start, end, parts[0].expression)
    return Template(source, start, end, _Nesting(source, parts).root(), quoted=mark.startswith('"'))


def _trimmed(children: list[Any], *, quoted: bool) -> list[Part]:
    parts: list[Part] = []
    trims = False
    for child in children:
        if isinstance(child, Terminal):
            value = literal(child.source, child.start_pos, child.end_pos, quoted=quoted)
            parts.append(Text(child.start_pos, child.end_pos, value.lstrip(SPACES) if trims else value))
            trims = False
            continue
        if child.trims_before and parts and isinstance(before := parts[-1], Text):
            before.value = before.value.rstrip(SPACES)
        parts.append(child)
        trims = child.trims_after
    return parts


def _flush(parts: list[Part]) -> None:
    """Take the smallest indentation off every line; blank lines do not count, and keep theirs."""
    indents: list[int] = []
    leading: list[Text] = []
    newline = True
    for part in parts:
        if newline and isinstance(part, Text):
            content = part.value.lstrip(SPACES)
            if content or not part.value.endswith("\n"):
                indents.append(len(part.value) - len(content))
                leading.append(part)
        elif newline:
            indents.append(0)
        newline = isinstance(part, Text) and part.value.endswith("\n")
    smallest = min(indents, default=0)
    for text in leading:
        text.value = text.value[smallest:]
        text.start += smallest


def _melted(parts: list[Part]) -> list[Part]:
    melted: list[Part] = []
    for part in parts:
        if isinstance(part, Text) and melted and isinstance(before := melted[-1], Text):
            before.value += part.value
            before.end = part.end
        else:
            melted.append(part)
    return melted


class _Nesting:
    """Flat parts → nested expressions."""

    def __init__(self, source: Source, parts: list[Part]) -> None:
        self.source = source
        self.parts = parts
        self.at = 0
        self.depth = 0

    def root(self) -> tuple[Expression, ...]:
        found, end = self._until(())
        assert end is None
        return found

    def _until(self, keywords: tuple[str, ...]) -> tuple[tuple[Expression, ...], End | None]:
        """The expressions up to one of the `keywords`, or to the end when there are none."""
        found: list[Expression] = []
        while self.at < len(self.parts):
            part = self.parts[self.at]
            self.at += 1
            if isinstance(part, End):
                if part.keyword not in keywords:
                    raise Refused
                return tuple(found), part
            found.append(self._expression(part))
        if keywords:
            raise Refused
        return tuple(found), None

    def _expression(self, part: Part) -> Expression:
        if isinstance(part, Text):
            return Literal(self.source, part.start, part.end, part.value)
        if isinstance(part, Interpolation):
            return part.expression
        assert isinstance(part, IfStart | ForStart)
        self.depth += 1
        if self.depth > WALK_DEPTH:
            raise too_deep(self.source, part.start, part.end, WALK_DEPTH)
        found = self._if(part) if isinstance(part, IfStart) else self._for(part)
        self.depth -= 1
        return found

    def _if(self, start: IfStart) -> Conditional:
        then, end = self._until(("ELSE", "ENDIF"))
        otherwise: tuple[Expression, ...] = ()
        assert end is not None
        if end.keyword == "ELSE":
            otherwise, end = self._until(("ENDIF",))
            assert end is not None
        return Conditional(
            self.source,
            start.start,
            end.end,
            start.condition,
            self._branch(then, start.end),
            self._branch(otherwise, end.start),
        )

    def _for(self, start: ForStart) -> TemplateFor:
        parts, end = self._until(("ENDFOR",))
        assert end is not None
        body = self._branch(parts, start.end)
        return TemplateFor(self.source, start.start, end.end, start.key, start.value, start.collection, body)

    def _branch(self, parts: tuple[Expression, ...], at: int) -> Template:
        start, end = (parts[0].start, parts[-1].end) if parts else (at, at)
        return Template(self.source, start, end, parts, quoted=False)
