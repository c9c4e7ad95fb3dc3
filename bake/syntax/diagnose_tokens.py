"""Faults of single tokens, and of the escapes in them: what HCL's scanner and string reader complain of."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bake.errors import DefinitionError
from bake.source import Span

if TYPE_CHECKING:
    from bake.source import Source
    from bake.syntax.scan import RawToken

_BITWISE = {
    "&": ' Did you mean boolean AND ("&&")?',
    "|": ' Did you mean boolean OR ("||")?',
    "~": ' Did you mean boolean NOT ("!")?',
}
_CHARACTERS = {
    "BACKTICK": 'The "`" character is not valid. To create a multi-line string, use the "heredoc" syntax, '
    'like "<<EOT".',
    "APOSTROPHE": 'Single quotes are not valid. Use double quotes (") to enclose strings.',
    "SEMICOLON": 'The ";" character is not valid. Use newlines to separate arguments and blocks, and '
    "commas to separate items in collection values.",
}
_NOT_USED = "This character is not used within the language."
_CURLY = (
    '"Curly quotes" are not valid here. These can sometimes be inadvertently introduced when sharing '
    'code via documents or discussion forums. It might help to replace the character with a "straight quote".'
)
_MULTI_LINE = (
    "Quoted strings may not be split over multiple lines. To produce a multi-line string, either use "
    'the \\n escape to represent a newline character or use the "heredoc" multi-line template syntax.'
)
_TOLD = {"BITWISE": {0, 1, 2, 3}, "BACKTICK": {0, 2}, "APOSTROPHE": {0, 2}, "SEMICOLON": {0}}
"""Which occurrences of a token are told of; not both ends of a quoted stretch, and not all of many."""
_ESCAPE = re.compile(r"\\(?:u[0-9a-fA-F]{0,4}|U[0-9a-fA-F]{0,8}|.)?", re.DOTALL)


def token_faults(source: Source, tokens: list[RawToken]) -> list[DefinitionError]:
    """The faults of tokens that have no place in HCL at all."""
    faults = []
    met: dict[str, int] = {}
    for kind, start, end in tokens:
        if kind not in _TOLD and kind not in ("INVALID", "QUOTED_NEWLINE"):
            continue
        count = met.get(kind, 0)
        met[kind] = count + 1
        if count in _TOLD.get(kind, (count,)):
            summary, detail = _wording(kind, source.text[start:end])
            faults.append(DefinitionError(summary, Span(source, start, end), detail=detail))
    return faults


def _wording(kind: str, text: str) -> tuple[str, str]:
    if kind == "BITWISE":
        return "Unsupported operator", f"Bitwise operators are not supported.{_BITWISE.get(text, '')}"
    if kind == "QUOTED_NEWLINE":
        return "Invalid multi-line string", _MULTI_LINE
    if kind == "INVALID":
        return "Invalid character", _CURLY if text in ("“", "”") else _NOT_USED
    return "Invalid character", _CHARACTERS[kind]


def escape_faults(source: Source, start: int, end: int) -> list[DefinitionError]:
    """The faults of the backslash escapes in a part of a quoted string."""
    faults = []
    for found in _ESCAPE.finditer(source.text, start, end):
        if detail := _escape_detail(found[0]):
            span = Span(source, found.start(), found.end())
            faults.append(DefinitionError("Invalid escape sequence", span, detail=detail))
    return faults


def _escape_detail(escape: str) -> str:
    selector, digits = escape[1:2], escape[2:]
    if not selector:
        return "Backslash must be followed by an escape sequence selector character."
    if selector == "u" and len(digits) < 4:
        return "The \\u escape sequence must be followed by four hexadecimal digits."
    if selector == "U" and len(digits) < 8:
        return "The \\U escape sequence must be followed by eight hexadecimal digits."
    if selector in "uU":
        code = int(digits, 16)
        if 0xD800 <= code < 0xE000 or code > 0x10FFFF:
            return f"Cannot encode character U+{code:04x} in UTF-8."
    elif selector not in 'nrt"\\':
        return f'The symbol "{selector}" is not a valid escape sequence selector.'
    return ""
