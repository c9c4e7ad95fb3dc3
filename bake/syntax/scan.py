"""Text → HCL's own tokens: an own scanner, after hashicorp/hcl's `scan_tokens.rl`.

`scan` takes a text and gives a list of `(kind, start, end)`, the last one `EOF`. Kinds bear the names
of the hcl2 grammar's terminals where it has one. It knows three modes, as HCL's scanner does: code,
quoted string and heredoc; a template sequence is code again until its brace closes. It refuses
nothing: what HCL has no use for becomes a token too (`INVALID`, `QUOTED_NEWLINE`, …), and
`bake.syntax.diagnose` says what is wrong with it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

RawToken: TypeAlias = tuple[str, int, int]

SYMBOLS = {
    "[": "LSQB", "]": "RSQB", "(": "LPAR", ")": "RPAR", "{": "LBRACE", "}": "RBRACE", "~}": "SEQ_END",
    ".": "DOT", ",": "COMMA", "...": "ELLIPSIS", ":": "COLON", "::": "COLONS", "?": "QMARK", "=": "EQ",
    "=>": "FOR_OBJECT_ARROW", "==": "DOUBLE_EQ", "!=": "NEQ", "<": "LT", "<=": "LEQ", ">": "GT",
    ">=": "GEQ", "&&": "DOUBLE_AMP", "||": "DOUBLE_PIPE", "!": "NOT", "+": "PLUS", "-": "MINUS",
    "*": "ASTERISK", "/": "SLASH", "%": "PERCENT", '"': "OPEN_QUOTE", "&": "BITWISE", "|": "BITWISE",
    "^": "BITWISE", "~": "BITWISE", ";": "SEMICOLON", "`": "BACKTICK", "'": "APOSTROPHE",
    "\n": "NEWLINE", "\r\n": "NEWLINE",
}  # fmt: skip

_CODE = re.compile(
    r"""
      [ \t]+
    | (?P<NAME>(?:[^\W\d]|[^\x00-\x7f])(?:[\w-]|[^\x00-\x7f])*)
    | (?P<HEREDOC><<-?(?:[^\W\d]|[^\x00-\x7f])(?:[\w-]|[^\x00-\x7f])*\r?\n)
    | (?P<COMMENT>(?:\#|//)[^\n]*\n?)
    | (?P<OPEN_COMMENT>/\*)
    | (?P<SYMBOL>\r?\n|"|\.\.\.|=>|[=!<>]=|&&|\|\||::|~\}|[][(){}.,:?=<>!+*/%&|^~;`'-])
    | (?P<NUMBER>[0-9](?:\.*(?:[eE][+-]?)?[0-9])*)
    | (?P<INVALID>(?s:.))
    """,
    re.VERBOSE,
)
_QUOTED = re.compile(
    r"""
      (?P<STRING_CHARS>(?:[^"\\$%\r\n]|\\[^\r\n]|\$\$\{~?|%%\{~?|\$(?!\{)|%(?!\{))+)
    | (?P<INTERP_START>\$\{~?)
    | (?P<DIRECTIVE_START>%\{~?)
    | (?P<CLOSE_QUOTE>")
    | (?P<QUOTED_NEWLINE>[\r\n]+)
    | (?P<INVALID>(?s:.))
    """,
    re.VERBOSE,
)
_HEREDOC = re.compile(
    r"""
      (?P<STRING_CHARS>(?:[^$%\n]|\$\$\{~?|%%\{~?|\$(?!\{)|%(?!\{))*\n|(?:[^$%\n]|\$\$\{~?|%%\{~?|\$(?!\{)|%(?!\{))+)
    | (?P<INTERP_START>\$\{~?)
    | (?P<DIRECTIVE_START>%\{~?)
    """,
    re.VERBOSE,
)


def scan(text: str) -> list[RawToken]:
    """The tokens of a whole HCL text, comments and newlines among them; a BOM is skipped."""
    return _Scanner(text).run("code", 1 if text.startswith("\ufeff") else 0)


def scan_template(text: str) -> list[RawToken]:
    """The tokens of a bare template (a string of the JSON and TOML dialects), without quotes."""
    return _Scanner(text).run("bare", 0)


def is_identifier(text: str) -> bool:
    """Whether `text` is one HCL identifier."""
    return scan(text)[0] == ("NAME", 0, len(text))


def _name_length(text: str) -> int:
    """How many characters of `text` make an identifier: Unicode's ID_Start, then ID_Continue or `-`."""
    if text.isascii():
        return len(text)
    if not text[0].isidentifier():
        return 0
    for at, character in enumerate(text):
        if character != "-" and not f"a{character}".isidentifier():
            return at
    return len(text)


class _Scanner:
    """The state of one scan: the place, the brace depth, and what the open template sequences return to."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens: list[RawToken] = []
        self.braces = 0
        self.comments_close = True  # False once a `/*` was met that nothing closes
        self.modes: list[
            tuple[str, int, str]
        ] = []  # mode to return to, its brace depth, its heredoc's marker

    def run(self, mode: str, start: int) -> list[RawToken]:
        text, end = self.text, len(self.text)
        scanners: dict[str, Callable[[int, str], tuple[int, str, str]]] = {
            "code": self._code,
            "quoted": self._quoted,
            "heredoc": self._heredoc,
            "bare": self._bare,
        }
        marker = ""
        while start < end:
            start, mode, marker = scanners[mode](start, marker)
        self.tokens.append(("EOF", len(text), len(text)))
        return self.tokens

    def _code(self, at: int, marker: str) -> tuple[int, str, str]:
        """Scan code up to the next change of mode."""
        text, match, add, symbols = self.text, _CODE.match, self.tokens.append, SYMBOLS
        end = len(text)
        while at < end:
            found = match(text, at)
            assert found is not None  # the last alternative takes any character
            stop = found.end()
            kind = found.lastgroup
            if kind == "SYMBOL":
                symbol = found[0]
                kind = symbols[symbol]
                if symbol in _MODAL:
                    if kind == "OPEN_QUOTE":
                        add((kind, at, stop))
                        self.modes.append(("code", -1, marker))
                        return stop, "quoted", ""
                    if kind == "LBRACE":
                        self.braces += 1
                    else:
                        self.braces -= 1
                        if self.modes and self.modes[-1][1] == self.braces:
                            add(("SEQ_END", at, stop))
                            mode, _, marker = self.modes.pop()
                            return stop, mode, marker
                add((kind, at, stop))
            elif kind == "NAME":
                length = _name_length(found[0])
                stop = at + (length or 1)
                add(("NAME" if length else "INVALID", at, stop))
            elif kind == "HEREDOC":
                add(("OPEN_HEREDOC", at, stop))
                self.modes.append(("code", -1, marker))
                return stop, "heredoc", found[0].strip("<-\r\n")
            elif kind == "OPEN_COMMENT":
                close = text.find("*/", stop) if self.comments_close else -1
                self.comments_close = close >= 0
                stop = close + 2 if close >= 0 else at + 1
                add(("COMMENT" if close >= 0 else "SLASH", at, stop))
            elif kind is not None:
                add((kind, at, stop))
            at = stop
        return at, "code", marker

    def _sequence(self, kind: str, at: int, stop: int, back: tuple[str, str]) -> tuple[int, str, str]:
        self.tokens.append((kind, at, stop))
        self.modes.append((back[0], self.braces, back[1]))
        self.braces += 1
        return stop, "code", ""

    def _quoted(self, at: int, marker: str) -> tuple[int, str, str]:
        text, add = self.text, self.tokens.append
        while at < len(text):
            found = _QUOTED.match(text, at)
            assert found is not None
            stop, kind = found.end(), found.lastgroup or ""
            if kind.endswith("_START"):
                return self._sequence(kind, at, stop, ("quoted", marker))
            add((kind, at, stop))
            at = stop
            if kind == "CLOSE_QUOTE":
                mode, _, marker = self.modes.pop()
                return at, mode, marker
        return at, "quoted", marker

    def _heredoc(self, at: int, marker: str) -> tuple[int, str, str]:
        text, add = self.text, self.tokens.append
        while at < len(text):
            if text[at - 1] == "\n":
                eol = text.find("\n", at)
                if eol >= 0 and text[at:eol].strip() == marker:
                    stop = eol - (text[eol - 1] == "\r")
                    add(("CLOSE_HEREDOC", at, stop))
                    mode, _, marker = self.modes.pop()
                    return stop, mode, marker
            found = _HEREDOC.match(text, at)
            assert found is not None
            stop, kind = found.end(), found.lastgroup or ""
            if kind.endswith("_START"):
                return self._sequence(kind, at, stop, ("heredoc", marker))
            add((kind, at, stop))
            at = stop
        return at, "heredoc", marker

    def _bare(self, at: int, marker: str) -> tuple[int, str, str]:
        text, add = self.text, self.tokens.append
        while at < len(text):
            found = _HEREDOC.match(text, at)
            assert found is not None
            stop, kind = found.end(), found.lastgroup or ""
            if kind.endswith("_START"):
                return self._sequence(kind, at, stop, ("bare", marker))
            add((kind, at, stop))
            at = stop
        return at, "bare", marker


_MODAL = frozenset({'"', "{", "}", "~}"})
