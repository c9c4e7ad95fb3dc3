"""HCL text → the same text in canonical form, as `terraform fmt` writes it: only whitespace changes.

Three passes over lines of tokens, after `hclwrite.Format` of hashicorp/hcl 2.24: each line is indented by
the brackets that are open; within a line one space or none stands between two tokens; the `=` of
neighbouring lines, then their comments, are aligned. What a template or a heredoc holds is not touched.
Other than there, a minus is a sign wherever no operand stands before it (`=> -1`, `"${-1}"`), comments
lose blanks at their ends, and a file begins with its first line and ends with one newline.
"""

from __future__ import annotations

from dataclasses import field
from itertools import pairwise, takewhile
from typing import TYPE_CHECKING

import regex

from bake.record import record
from bake.syntax.hcl import parse
from bake.syntax.scan import scan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from bake.source import Source

INDENT = 2

OPENING = frozenset({"LBRACE", "LSQB", "LPAR", "INTERP_START", "DIRECTIVE_START"})
CLOSING = frozenset({"RBRACE", "RSQB", "RPAR", "SEQ_END"})
OPERANDS = frozenset({"NAME", "NUMBER", "RBRACE", "RSQB", "RPAR", "CLOSE_QUOTE", "CLOSE_HEREDOC"})
"""What an operand ends with: a minus behind it subtracts."""
KEYWORDS = frozenset({"in", "if"})
GLUED_BEFORE = frozenset({"NEWLINE", "DOT", "COMMA", "ELLIPSIS", "COLONS"})
GLUED_AFTER = frozenset({"DOT", "NOT", "COLONS"})
IN_TEMPLATES = frozenset({"STRING_CHARS"})
TEMPLATE_STARTS = frozenset({"OPEN_QUOTE", "OPEN_HEREDOC"})
TEMPLATE_ENDS = frozenset({"CLOSE_QUOTE", "CLOSE_HEREDOC"})
SEQUENCE_STARTS = frozenset({"INTERP_START", "DIRECTIVE_START"})


@record(frozen=False)
class Piece:
    """One token and the blanks before it."""

    kind: str
    text: str
    spaces: int = 0

    @property
    def brackets(self) -> int:
        """1 for one that opens, -1 for one that closes."""
        return int(self.kind in OPENING) - int(self.kind in CLOSING)

    @property
    def columns(self) -> int:
        return self.spaces + len(regex.findall(r"\X", self.text))


@record(frozen=False)
class Line:
    """The cells of one line: what stands first, an assignment from its `=` on, a comment at the end."""

    lead: list[Piece]
    assign: list[Piece] = field(default_factory=list)
    comment: list[Piece] = field(default_factory=list)


def canonical(source: Source) -> str:
    """The canonical text of an HCL file. Raises DefinitionError, or a group of them, for one that has faults.

    Idempotent: the canonical text of a canonical text is itself.
    """
    parse(source)
    lines = [_cells(pieces) for pieces in _split(_pieces(source.text))]
    _indent(lines)
    for line in lines:
        _space(line)
    _align(lines, lambda line: line.assign, lambda line: line.lead)
    _align(lines, lambda line: line.comment, lambda line: [*line.lead, *line.assign])
    return _joined(lines, source.text)


def _pieces(text: str) -> Iterator[Piece]:
    for kind, start, end in scan(text)[:-1]:
        content = text[start:end]
        if kind == "COMMENT" and content[-1] == "\n":
            content = content.rstrip() + ("\r\n" if content.endswith("\r\n") else "\n")
        yield Piece(kind, content)


def _split(pieces: Iterable[Piece]) -> Iterator[list[Piece]]:
    line: list[Piece] = []
    for piece in pieces:
        line.append(piece)
        if _ends_line(piece):
            yield line
            line = []
    if line:
        yield line


def _ends_line(piece: Piece) -> bool:
    return piece.kind == "NEWLINE" or (piece.kind == "COMMENT" and piece.text.endswith("\n"))


def _cells(pieces: list[Piece]) -> Line:
    comment = pieces[-1:] if len(pieces) > 1 and pieces[-1].kind == "COMMENT" else []
    lead = pieces[: len(pieces) - len(comment)]
    at = next((at for at, piece in enumerate(lead) if at and piece.kind == "EQ"), None)
    if at is None or _net(lead[at:]):
        return Line(lead, [], comment)
    return Line(lead[:at], lead[at:], comment)


def _indent(lines: Iterable[Line]) -> None:
    """A line that opens more brackets than it closes indents what follows by one step, however many."""
    opened: list[int] = []
    for line in lines:
        first = line.lead[0]
        if first.kind == "NEWLINE":
            continue
        change = _net_brackets(line)
        for _ in range(max(0, -change)):
            _close_one(opened)
        first.spaces = INDENT * len(opened)
        if change > 0:
            opened.append(change)


def _net_brackets(line: Line) -> int:
    """Brackets opened less those closed, up to a heredoc."""
    pieces = (*line.lead, *line.assign)
    return _net(takewhile(lambda piece: piece.kind != "OPEN_HEREDOC", pieces))


def _net(pieces: Iterable[Piece]) -> int:
    return sum(piece.brackets for piece in pieces)


def _close_one(opened: list[int]) -> None:
    if opened:
        opened[-1] -= 1
        if not opened[-1]:
            opened.pop()


def _space(line: Line) -> None:
    for cell in (line.lead, line.assign):
        before = ""
        for piece, after in pairwise(cell):
            after.spaces = int(_is_apart(before, piece, after))
            before = piece.kind if piece.text not in KEYWORDS else "KEYWORD"


def _is_apart(before: str, left: Piece, right: Piece) -> bool:
    """Whether a blank stands between `left` and `right`; `before` is the kind of what precedes `left`."""
    if right.kind in GLUED_BEFORE or left.kind in GLUED_AFTER:
        return False
    if left.kind == "COMMA":
        return True
    if left.kind in IN_TEMPLATES | TEMPLATE_STARTS or right.kind in IN_TEMPLATES | TEMPLATE_ENDS:
        return False
    if right.kind in ("LPAR", "LSQB") and _is_applied(before, left, right):
        return False
    if left.kind == "MINUS":
        return before in OPERANDS
    if left.kind == "LBRACE" or right.kind == "RBRACE":
        return not (left.kind == "LBRACE" and right.kind == "RBRACE")
    return _is_apart_by_brackets(left, right)


def _is_applied(before: str, left: Piece, right: Piece) -> bool:
    """Whether `right` opens the arguments of a call, or an index."""
    if right.kind == "LPAR":
        return left.kind == "NAME"
    if left.text == "in" and before == "NAME":
        return False  # [for x in [1, 2] : x]
    return left.kind in ("NAME", "NUMBER") or left.brackets < 0


def _is_apart_by_brackets(left: Piece, right: Piece) -> bool:
    if left.kind in SEQUENCE_STARTS and right.kind == "LBRACE":
        return True
    if left.kind == "RBRACE" and right.kind == "SEQ_END":
        return True
    if left.kind == "SEQ_END" and right.kind in SEQUENCE_STARTS:
        return False
    return left.brackets <= 0 and right.brackets >= 0


def _align(
    lines: Sequence[Line],
    cell: Callable[[Line], list[Piece]],
    before: Callable[[Line], list[Piece]],
) -> None:
    """Put the `cell` of neighbouring lines under each other, one blank behind the longest of `before`."""
    chain: list[Line] = []
    for line in [*lines, Line([])]:
        if cell(line):
            chain.append(line)
            continue
        widths = [sum(piece.columns for piece in before(one)) for one in chain]
        for one, width in zip(chain, widths, strict=True):
            cell(one)[0].spaces = max(widths) - width + 1
        chain = []


def _joined(lines: Iterable[Line], text: str) -> str:
    pieces = [piece for line in lines for piece in (*line.lead, *line.assign, *line.comment)]
    body = "".join(" " * piece.spaces + piece.text for piece in pieces)
    body = body.lstrip("\r\n").rstrip("\r\n")
    end = "\r\n" if text.endswith("\r\n") else "\n"
    return ("\ufeff" if text.startswith("\ufeff") else "") + (body + end if body else "")
