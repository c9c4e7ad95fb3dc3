"""A walk over HCL's tokens as its parser takes it: newlines on or off, and its ways to recover."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bake.errors import DefinitionError
from bake.source import Span
from bake.syntax.limits import WALK_DEPTH, too_deep

if TYPE_CHECKING:
    from bake.source import Source
    from bake.syntax.scan import RawToken

OPPOSITE = {
    "RBRACE": "LBRACE",
    "RSQB": "LSQB",
    "RPAR": "LPAR",
    "CLOSE_QUOTE": "OPEN_QUOTE",
    "CLOSE_HEREDOC": "OPEN_HEREDOC",
    "SEQ_END": "INTERP_START",
}
CLOSING = {opening: closing for closing, opening in OPPOSITE.items()} | {"DIRECTIVE_START": "SEQ_END"}


class Tokens:
    """The tokens from `at` on, and the faults found so far. `recovering`, once set, stays so: it mutes
    the faults that would only follow from an earlier one."""

    def __init__(self, source: Source, tokens: list[RawToken]) -> None:
        self.source = source
        self.tokens = tokens
        self.at = 0
        self.newlines = [True]
        self.recovering = False
        self.faults: list[DefinitionError] = []
        self.depth = 0

    # Reading

    def _seek(self) -> tuple[RawToken, int]:
        at, text, tokens = self.at, self.source.text, self.tokens
        while at < len(tokens):
            token = tokens[at]
            at += 1
            kind, start, end = token
            if kind == "COMMENT":
                if self.newlines[-1] and text[end - 1] == "\n":
                    return ("NEWLINE", start, end), at
            elif kind != "NEWLINE" or self.newlines[-1]:
                return token, at
        return tokens[-1], at

    def peek(self) -> RawToken:
        return self._seek()[0]

    def kind(self) -> str:
        return self._seek()[0][0]

    def read(self) -> RawToken:
        token, self.at = self._seek()
        return token

    def previous(self) -> RawToken:
        return self.tokens[self.at - 1] if self.at else self.peek()

    def text(self, token: RawToken) -> str:
        return self.source.text[token[1] : token[2]]

    def is_keyword(self, word: str) -> bool:
        token = self.peek()
        return token[0] == "NAME" and self.text(token) == word

    def deeper(self) -> None:
        """Enter a nested expression or body; leave it by `depth -= 1`."""
        self.depth += 1
        if self.depth > WALK_DEPTH:
            _, start, end = self.peek()
            raise too_deep(self.source, start, end)

    # Faults

    def fault(self, summary: str, detail: str, start: int, end: int, *, always: bool = True) -> None:
        """Note a fault; `always=False` keeps silent while recovering."""
        if always or not self.recovering:
            self.faults.append(DefinitionError(summary, Span(self.source, start, end), detail=detail))

    def place(self, start: int, end: int) -> str:
        return str(Span(self.source, start, end))

    # Recovery

    def recover(self, end: str) -> RawToken:
        """Go behind the next `end`, nested pairs skipped; gives that token, or the end of the file."""
        self.recovering = True
        start, nesting = OPPOSITE.get(end), 0
        while True:
            token = self.read()
            kind = token[0]
            if end == "SEQ_END" and kind == "DIRECTIVE_START":
                kind = "INTERP_START"
            if kind == start:
                nesting += 1
            elif kind == end:
                if nesting < 1:
                    return token
                nesting -= 1
            elif kind == "EOF":
                return token

    def recover_over(self, start: str) -> None:
        """Go behind the next bracketed stretch that `start` opens."""
        while self.read()[0] not in (start, "EOF"):
            pass
        self.recover(CLOSING[start])

    def recover_after_item(self) -> None:
        """Go to the next line that no bracket holds open: likely the next item of the body."""
        self.recovering = True
        opened: list[str] = []
        while True:
            kind = self.read()[0]
            if kind == "EOF" or (kind == "NEWLINE" and not opened):
                return
            if kind in CLOSING:
                opened.append(CLOSING[kind])
            elif kind in OPPOSITE:
                while opened and opened.pop() != kind:
                    pass
