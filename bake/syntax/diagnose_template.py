"""The walk over quoted strings, heredocs and labels, after parser_template.go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bake.syntax.diagnose_tokens import escape_faults
from bake.syntax.spelling import suggestion
from bake.syntax.tokens import Tokens

if TYPE_CHECKING:
    from bake.syntax.scan import RawToken

_UNCLOSED = "Unclosed template interpolation sequence"
_EXTRA = "Extra characters after interpolation expression"
_NO_CLOSING = (
    "There is no closing brace for this interpolation sequence before the end of the {}. "
    "This might be caused by incorrect nesting inside the given expression."
)
_COLON = (
    "Template interpolation doesn't expect a colon at this location. Did you intend this to be a "
    "literal sequence to be processed as part of another language? If so, you can escape it by "
    'starting with "$${" instead of '
    'just "${".'
)
_EXTRA_CHARACTERS = (
    "Expected a closing brace to end the interpolation expression, but found extra "
    "characters.\n\nThis can happen when you include interpolation syntax for another language, such "
    "as shell scripting, but forget to escape the "
    "interpolation start token. If this is an embedded sequence for another language, escape it by "
    'starting with "$${" instead of just "${".'
)
_UNBALANCED = "The control directives within this template are unbalanced."
_KEYWORDS = ("if", "for", "else", "endif", "endfor")
_FOR = "Invalid 'for' directive"

Directive = tuple[str, int, int]


class Templates(Tokens):
    def expression(self) -> bool:
        raise NotImplementedError

    def template(self, end: str) -> None:
        """Read a template and its closing mark `end`."""
        _, start, stop = self.peek()
        directives: list[Directive] = []
        while True:
            token = self.read()
            kind = token[0]
            if kind == end:
                break
            if kind == "STRING_CHARS":
                if end == "CLOSE_QUOTE":
                    self.faults += escape_faults(self.source, *token[1:])
            elif kind == "INTERP_START":
                self._interpolation(end, start, stop)
            elif kind == "DIRECTIVE_START":
                directives += self._directive(token)
            else:
                detail = "No closing marker was found for the string."
                self.fault("Unterminated template string", detail, *token[1:], always=False)
                token = self.recover(end)
                break
        self._nest(directives, token)

    def _interpolation(self, end: str, start: int, stop: int) -> None:
        self.newlines.append(False)
        self.expression()
        kind, at, to = self.peek()
        if kind == "SEQ_END":
            self.read()
        else:
            if kind == "EOF":
                self.fault(_UNCLOSED, _NO_CLOSING.format("file"), start, stop, always=False)
            elif kind == "COLON":
                self.fault(_EXTRA, _COLON, at, to, always=False)
            elif kind in ("CLOSE_QUOTE", "OPEN_QUOTE") and end == "CLOSE_QUOTE":
                self.fault(_UNCLOSED, _NO_CLOSING.format("quoted template"), start, stop, always=False)
            else:
                self.fault(_EXTRA, _EXTRA_CHARACTERS, at, to, always=False)
            self.recover("SEQ_END")
        self.newlines.pop()

    # Directives

    def _directive(self, opening: RawToken) -> list[Directive]:
        """Read `%{…}`; gives its keyword and range, or nothing when it makes no sense."""
        self.newlines.append(False)
        keyword = self.peek()
        word = self.text(keyword)
        found: list[Directive] = []
        if self._directive_head(keyword, word):
            _, _, end = self.peek()
            found = [(word, opening[1], end)]
            self._directive_end(word)
        else:
            self.recover("SEQ_END")
        self.newlines.pop()
        return found

    def _directive_head(self, keyword: RawToken, word: str) -> bool:
        kind, start, end = keyword
        if kind != "NAME":
            detail = (
                'A template directive keyword ("if", "for", etc) is expected at the beginning '
                "of a %{ sequence."
            )
            self.fault("Invalid template directive", detail, start, end, always=False)
            return False
        self.read()
        if word not in _KEYWORDS:
            detail = f'"{word}" is not a valid template control keyword.{suggestion(word, _KEYWORDS)}'
            self.fault("Invalid template control keyword", detail, start, end, always=False)
            return False
        if word == "for" and not self.for_names(_FOR, "directive", "'in' keyword after names"):
            return False
        if word in ("if", "for"):
            self.expression()
        return True

    def for_names(self, summary: str, what: str, keyword_wanted: str) -> bool:
        """`KEY, VALUE in`, behind the `for` of `what`; `keyword_wanted` is said where the `in` is missing."""
        if self.kind() != "NAME":
            return self.refused(summary, f"For {what} requires variable name after 'for'.")
        self.read()
        if self.kind() == "COMMA":
            self.read()
            if self.kind() != "NAME":
                return self.refused(summary, f"For {what} requires value variable name after comma.")
            self.read()
        if not self.is_keyword("in"):
            return self.refused(summary, f"For {what} requires {keyword_wanted}.")
        self.read()
        return True

    def refused(self, summary: str, detail: str) -> bool:
        """False, with a fault at the next token unless that is already recovering."""
        _, start, end = self.peek()
        self.fault(summary, detail, start, end, always=False)
        return False

    def _directive_end(self, word: str) -> None:
        kind, start, end = self.peek()
        if kind == "SEQ_END":
            self.read()
            return
        detail = "Expected a closing brace to end the sequence, but found extra characters."
        self.fault(f"Extra characters in {word} marker", detail, start, end, always=False)
        self.recover("SEQ_END")

    def _nest(self, directives: list[Directive], closing: RawToken) -> None:
        """Pair `if` with `endif` and `for` with `endfor`."""
        opened: list[Directive] = []
        for word, start, end in directives:
            if word in ("if", "for"):
                opened.append((word, start, end))
            elif opened and opened[-1][0] == "if" and word == "else":
                opened[-1] = ("else", *opened[-1][1:])
            else:
                closed = opened.pop() if opened else None
                if detail := self._mismatch(word, closed):
                    self.fault(f"Unexpected {word} directive", detail, start, end)
        for word, start, end in reversed(opened):
            name = "for" if word == "for" else "if"
            detail = (
                f"The {name} directive at {self.place(start, end)} is missing its corresponding "
                f"end{name} directive."
            )
            self.fault("Unexpected end of template", detail, *closing[1:])

    def _mismatch(self, word: str, closed: Directive | None) -> str:
        if closed is None:
            return _UNBALANCED
        opened, place = closed[0], self.place(*closed[1:])
        if word == "else":
            if opened == "for":
                return "An else clause is not expected for a for directive."
            return f"Already in the else clause for the if started at {place}."
        if opened == "for":
            return (
                ""
                if word == "endfor"
                else (f"Expecting an endfor directive corresponding to the for directive at {place}.")
            )
        return "" if word == "endif" else f"Expecting an endif directive for the if started at {place}."

    # Labels

    def label(self) -> None:
        """Read a quoted label, which may hold no sequences."""
        self.read()
        while True:
            kind, start, end = self.read()
            if kind == "CLOSE_QUOTE":
                return
            if kind == "STRING_CHARS":
                self.faults += escape_faults(self.source, start, end)
            elif kind in ("INTERP_START", "DIRECTIVE_START"):
                mark = self.source.text[start]
                detail = (
                    "Template sequences are not allowed in this string. "
                    f'To include a literal "{mark}", double it (as "{mark}{mark}") to escape it.'
                )
                self.fault("Invalid string literal", detail, start, end)
                self.recover("SEQ_END")
            elif kind == "EOF":
                detail = "Unable to find the closing quote mark before the end of the file."
                self.fault("Unterminated string literal", detail, start, end)
                return
            else:
                self.fault(
                    "Invalid string literal", "This item is not valid in a string literal.", start, end
                )
                self.recover("CLOSE_QUOTE")
                return
