"""HCL's tokens → the terminals of the hcl2 grammar.

The grammar sees no newlines and no comments: what a newline means is decided here, by the bracket it
stands in. Inside `()`, `[]`, template sequences and for-expressions it is dropped, in an object it
separates like a comma, in a body it ends an item. Keywords are told from names, chains of unary
operators folded into one terminal, function namespaces into one name, `[*]` and `.*` made splats.

`terminals` yields until the end or raises `Refused` where HCL's rules for newlines and brackets forbid
to go on; `bake.syntax.diagnose` then words the error.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bake.syntax.limits import MAX_DEPTH, too_deep

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bake.source import Source
    from bake.syntax.scan import RawToken


class Refused(Exception):  # noqa: N818 - it never leaves this room
    """The text is no HCL; where and why is for `bake.syntax.diagnose` to say."""


class Terminal:
    """A token as Lark's parser wants it, with the operators of a unary chain in `chain`."""

    __slots__ = ("chain", "end_pos", "source", "start_pos", "type")

    # what Lark asks of a token besides: positions that nobody reads
    line = column = end_line = end_column = None
    chain: list[tuple[str, int]]

    def __init__(self, type: str, source: Source, start_pos: int, end_pos: int) -> None:  # noqa: A002
        self.type = type
        self.source = source
        self.start_pos = start_pos
        self.end_pos = end_pos

    @property
    def text(self) -> str:
        return self.source.text[self.start_pos : self.end_pos]


_LITERALS = {"true": "TRUE", "false": "FALSE", "null": "NULL"}
_DIRECTIVES = {"if": "IF", "else": "ELSE", "endif": "ENDIF", "for": "FOR", "endfor": "ENDFOR"}
_DEEPENING = frozenset(
    {"DOT", "QMARK", "PLUS", "MINUS", "NOT", "ASTERISK", "SLASH", "PERCENT", "DOUBLE_AMP", "DOUBLE_PIPE"}
    | {"DOUBLE_EQ", "NEQ", "LT", "GT", "LEQ", "GEQ"}
)
_MEANINGLESS = frozenset(
    ("INVALID", "BITWISE", "SEMICOLON", "BACKTICK", "APOSTROPHE", "QUOTED_NEWLINE", "COLONS")
)
NUMBER = re.compile(r"[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]+)?")
_ITEM_TOKENS = {
    "start": ("NAME", "RBRACE", "NEWLINE", "COMMENT", "EOF"),
    "header": ("NAME", "OPEN_QUOTE", "EQ", "LBRACE", "COMMENT"),
    "closed": ("NEWLINE", "COMMENT", "EOF"),
}
"""What may come next in a body: before an item, in a block's header, behind a block."""


class _Bracket:
    """An open bracket: its kind, what closes it, and the state and depth to come back to."""

    __slots__ = ("base", "closer", "kind", "resume", "state")

    def __init__(self, kind: str, closer: str, base: int, resume: int, state: str = "") -> None:
        self.kind = kind
        self.closer = closer
        self.base = base
        self.resume = resume
        self.state = state


def terminals(source: Source, tokens: list[RawToken], kind: str = "body") -> Iterator[Terminal]:
    """The terminals of `tokens`: a `body` (a whole file), an `expression`, or the inside of a `quote`.

    Raises `Refused`, or DefinitionError where the text nests deeper than `MAX_DEPTH`.
    """
    return _Terminals(source, tokens, kind).run()


class _Terminals:
    """The state of one pass: the bracket that is open, and whether an operand has just ended."""

    def __init__(self, source: Source, tokens: list[RawToken], kind: str) -> None:
        self.source = source
        self.tokens = tokens
        self.stack: list[_Bracket] = []
        self.open = _Bracket(kind, "EOF", 0, 0, "start")
        self.depth = 0
        self.at = 0  # the token at hand
        self.end = 0  # where its terminal ends
        self.previous = ""
        self.operand = False
        self.chain: list[tuple[str, int]] = []

    def run(self) -> Iterator[Terminal]:
        source, tokens = self.source, self.tokens
        handlers = {name[3:].upper(): getattr(self, name) for name in dir(self) if name.startswith("on_")}
        while self.at < len(tokens):
            kind, start, self.end = tokens[self.at]
            bracket = self.open
            if (
                bracket.kind in _BODIES
                and bracket.state != "value"
                and kind not in _ITEM_TOKENS[bracket.state]
            ):
                raise Refused
            handler = handlers.get(kind)
            type_ = handler(start) if handler else self._plain(kind)
            self.at += 1
            if type_ is None:
                continue
            if self.depth > MAX_DEPTH:
                raise too_deep(source, start, self.end)
            self.previous = type_
            terminal = Terminal(type_, source, start, self.end)
            if self.chain:
                terminal.chain, self.chain = self.chain, []
            yield terminal

    def _plain(self, kind: str) -> str:
        if kind in _MEANINGLESS:
            raise Refused
        if kind in _DEEPENING:
            self.depth += 1
        self.operand = False
        return kind

    # Brackets

    def _push(self, kind: str, closer: str, *, state: str = "", chained: bool = False) -> None:
        self.stack.append(self.open)
        self.open = _Bracket(kind, closer, self.depth + 1, self.depth + chained, state)
        self.depth += 1
        self.operand = False

    def _pop(self, closer: str) -> None:
        if self.open.closer != closer or not self.stack:
            raise Refused
        self.depth = self.open.resume
        self.open = self.stack.pop()
        self.operand = True

    def on_lpar(self, _start: int) -> str:
        self._push("(", "RPAR")
        return "LPAR"

    def on_rpar(self, _start: int) -> str:
        self._pop("RPAR")
        return "RPAR"

    def on_lsqb(self, _start: int) -> str:
        if self.operand and (star := self._next("ASTERISK")) and (close := self._next("RSQB", star)):
            return self._splat("FULL_SPLAT_START", close)
        if self.operand:
            self._push("index", "RSQB", chained=True)
        elif self._next_is_for():
            self._push("for", "RSQB", state="for")
        else:
            self._push("[", "RSQB")
        return "LSQB"

    def on_rsqb(self, _start: int) -> str:
        self._pop("RSQB")
        return "RSQB"

    def on_dot(self, _start: int) -> str:
        if star := self._next("ASTERISK"):
            return self._splat("ATTR_SPLAT", star)
        return self._plain("DOT")

    def _splat(self, type_: str, last: int) -> str:
        self.at = last
        self.end = self.tokens[last][2]
        self.depth += 1
        self.operand = True
        return type_

    def on_lbrace(self, _start: int) -> str:
        bracket = self.open
        if bracket.kind in _BODIES and bracket.state == "header":
            if bracket.kind == "single":
                raise Refused
            bracket.state = "closed"
            self._push("body" if self._line_ends() else "single", "RBRACE", state="start")
        elif self._next_is_for():
            self._push("for", "RBRACE", state="for")
        else:
            self._push("object", "RBRACE")
        return "LBRACE"

    def on_rbrace(self, _start: int) -> str:
        bracket = self.open
        if bracket.kind == "body" and bracket.state != "start":
            raise Refused
        if bracket.kind == "single" and not (bracket.state == "value" and self.operand):
            raise Refused
        self._pop("RBRACE")
        return "RBRACE"

    # Templates

    def on_open_quote(self, _start: int) -> str:
        self._push("quote", "CLOSE_QUOTE")
        return "DBLQUOTE"

    def on_close_quote(self, _start: int) -> str:
        self._pop("CLOSE_QUOTE")
        return "DBLQUOTE"

    def on_open_heredoc(self, _start: int) -> str:
        self._push("quote", "CLOSE_HEREDOC")
        return "DBLQUOTE"

    def on_close_heredoc(self, _start: int) -> str:
        self._pop("CLOSE_HEREDOC")
        return "DBLQUOTE"

    def on_interp_start(self, _start: int) -> str:
        self._push("sequence", "SEQ_END")
        return "INTERP_START"

    def on_directive_start(self, _start: int) -> str:
        self._push("for", "SEQ_END", state="directive")
        return "DIRECTIVE_START"

    def on_seq_end(self, _start: int) -> str:
        self._pop("SEQ_END")
        return "RBRACE"

    # Names and literals

    def on_name(self, start: int) -> str:
        text = self.source.text[start : self.end]
        bracket = self.open
        if bracket.kind in _BODIES and bracket.state != "value":
            bracket.state = "header"
            return "NAME"
        if bracket.kind == "for" and (keyword := self._keyword(bracket, text)):
            self.operand = False
            return keyword
        if self.operand:
            raise Refused
        self.operand = True
        if self.previous == "DOT" or bracket.state == "names":
            return "NAME"
        name_ends = self.end
        while (colons := self._next("COLONS")) and (name := self._next("NAME", colons)):
            self.at = name
            self.end = self.tokens[name][2]
        if self._next("LPAR"):
            return "NAME"
        if self._next("COLONS") or name_ends != self.end:
            raise Refused
        return _LITERALS.get(text, "NAME")

    def _keyword(self, bracket: _Bracket, text: str) -> str | None:
        """The keyword that `text` is where it stands in a for-expression or a directive."""
        if bracket.state == "for":
            bracket.state = "names"
            return "FOR"
        if bracket.state == "directive":
            if text not in _DIRECTIVES:
                raise Refused
            bracket.state = "names" if text == "for" else "clause"
            return _DIRECTIVES[text]
        if bracket.state == "names" and self.operand and text == "in":
            bracket.state = "clause"
            return "IN"
        if bracket.closer != "SEQ_END" and text == "if" and (self.operand or self.previous == "ELLIPSIS"):
            return "IF"
        return None

    def on_number(self, start: int) -> str:
        text = self.source.text[start : self.end]
        if not NUMBER.fullmatch(text):
            raise Refused
        self.operand = True
        return "FLOAT_LITERAL" if "." in text else "INT_LITERAL"

    def on_minus(self, start: int) -> str:
        if self.operand:
            return self._plain("MINUS")
        return self._unary("MINUS", start)

    def on_not(self, start: int) -> str:
        return self._unary("NOT", start)

    def _unary(self, kind: str, start: int) -> str:
        self.chain = [(self.source.text[start], start)]
        while following := self._next("MINUS") or self._next("NOT"):
            self.at = following
            _, start, self.end = self.tokens[following]
            self.chain.append((self.source.text[start], start))
        self.depth += len(self.chain)
        self.operand = False
        return kind

    # Separators

    def on_eq(self, _start: int) -> str:
        if self.open.kind in _BODIES:
            self.open.state = "value"
        self.operand = False
        return "EQ"

    def on_comma(self, _start: int) -> str:
        self.depth = self.open.base
        self.operand = False
        return "COMMA"

    def on_newline(self, _start: int) -> str | None:
        bracket = self.open
        if bracket.kind == "body":
            if bracket.state == "header" or (bracket.state == "value" and not self.operand):
                raise Refused
            bracket.state = "start"
            self.depth = bracket.base
        elif bracket.kind == "single":
            raise Refused
        elif bracket.kind == "object" and self.previous not in ("COMMA", "LBRACE"):
            if not self.operand:
                raise Refused
            return self.on_comma(_start)
        return None

    def on_comment(self, start: int) -> str | None:
        return self.on_newline(start) if self.source.text[self.end - 1] == "\n" else None

    def on_eof(self, _start: int) -> str | None:
        if self.stack:
            raise Refused
        return None

    # Looking ahead

    def _next(self, kind: str, at: int | None = None) -> int:
        """The index of the token behind `at` (or the one at hand) if it is a `kind`, else 0."""
        at = (self.at if at is None else at) + 1
        drops = self.open.kind not in _LINED
        while (found := self.tokens[at][0]) == "COMMENT" or (drops and found == "NEWLINE"):
            if found == "COMMENT" and not drops and self.source.text[self.tokens[at][2] - 1] == "\n":
                return 0
            at += 1
        return at if found == kind else 0

    def _next_is_for(self) -> bool:
        at = self.at + 1
        while self.tokens[at][0] in ("NEWLINE", "COMMENT"):
            at += 1
        kind, start, end = self.tokens[at]
        return kind == "NAME" and self.source.text[start:end] == "for"

    def _line_ends(self) -> bool:
        """Whether a block's body starts on a line of its own, or is empty."""
        at = self.at + 1
        while self.tokens[at][0] == "COMMENT" and self.source.text[self.tokens[at][2] - 1] != "\n":
            at += 1
        return self.tokens[at][0] in ("NEWLINE", "COMMENT", "RBRACE", "EOF")


_BODIES = frozenset(("body", "single"))
_LINED = frozenset(("body", "single", "object"))
