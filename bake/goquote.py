"""Text in double quotes as Go's %q writes it, for messages."""

from __future__ import annotations

from typing import Final

_SHORT: Final = {
    "\a": "\\a",
    "\b": "\\b",
    "\f": "\\f",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    "\v": "\\v",
    '"': '\\"',
    "\\": "\\\\",
}


def quoted(text: str) -> str:
    return '"' + "".join(map(_character, text)) + '"'


def quoted_character(char: str) -> str:
    """One character in single quotes."""
    if char in "'\\":
        return f"'\\{char}'"
    return f"'{char if char == chr(34) else _character(char)}'"


def _character(char: str) -> str:
    if char in _SHORT:
        return _SHORT[char]
    # Python's printable characters are Go's but for spaces, of which both keep U+0020 alone
    if char.isprintable():
        return char
    code = ord(char)
    if code < 0x80:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
