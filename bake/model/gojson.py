"""JSON as Go's encoding/json writes it: `<`, `>`, `&`, U+2028 and U+2029 are escaped."""

from __future__ import annotations

from json.encoder import encode_basestring
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_ESCAPES = str.maketrans({character: f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"})
_LITERALS = {None: "null", True: "true", False: "false"}


def indented(value: Any) -> str:
    """`value` over several lines, two blanks a level, keys as they come (json.MarshalIndent)."""
    return "".join(_written(value, "\n"))


def text(value: str) -> str:
    """A JSON string."""
    return encode_basestring(value).translate(_ESCAPES)


def _written(value: Any, line: str) -> Iterator[str]:
    if isinstance(value, str):
        yield text(value)
    elif isinstance(value, dict):
        members = ((f"{text(key)}: ", member) for key, member in value.items())
        yield from _bracketed("{", members, "}", line)
    elif isinstance(value, list | tuple):
        yield from _bracketed("[", (("", member) for member in value), "]", line)
    elif isinstance(value, bool) or value is None:
        yield _LITERALS[value]
    else:
        yield str(value)


def _bracketed(opening: str, members: Iterator[tuple[str, Any]], closing: str, line: str) -> Iterator[str]:
    inner = f"{line}  "
    separator = opening + inner
    for key, member in members:
        yield separator + key
        yield from _written(member, inner)
        separator = f",{inner}"
    yield opening + closing if separator.startswith(opening) else line + closing
