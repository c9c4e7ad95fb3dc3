"""What the characters of a literal part stand for: backslash escapes, `$${`, `%%{`, NFC."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bake.syntax.terminals import Refused

if TYPE_CHECKING:
    from bake.source import Source

_SIMPLE = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.)|$)|([$%])\4\{", re.DOTALL)
_DOUBLED = re.compile(r"([$%])\1\{")


def literal(source: Source, start: int, end: int, *, quoted: bool) -> str:
    """The text that the characters `start` to `end` stand for; backslashes mean something when `quoted`.

    Raises `Refused` at an escape that HCL does not know. Strings are normalised to NFC, as cty's are.
    """
    text = source.text[start:end]
    if quoted and "\\" in text:
        text = _ESCAPE.sub(_unescape, text)
    elif "{" in text:
        text = _DOUBLED.sub(r"\1{", text)
    if text.isascii():
        return text
    from unicodedata import normalize

    return normalize("NFC", text)


def _unescape(match: re.Match[str]) -> str:
    short, long, simple, doubled = match.groups()
    if doubled:
        return f"{doubled}{{"
    if short or long:
        code = int(short or long, 16)
        if 0xD800 <= code < 0xE000 or code > 0x10FFFF:
            raise Refused
        return chr(code)
    if simple not in _SIMPLE:
        raise Refused
    return _SIMPLE[simple]
