"""JSON as Go's encoding/json writes it: `<`, `>`, `&`, U+2028 and U+2029 are escaped."""

from __future__ import annotations

import json
import re
from json.encoder import encode_basestring
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

_ESCAPED = "<>&\u2028\u2029"
_ESCAPES = str.maketrans({character: f"\\u{ord(character):04x}" for character in _ESCAPED})
_needs_escapes = re.compile(f"[{_ESCAPED}]").search
_LITERALS = {None: "null", True: "true", False: "false"}


def indented(value: Any) -> str:
    """`value` over several lines, two blanks a level, keys as they come (json.MarshalIndent)."""
    parts: list[str] = []
    _write(value, "\n", parts.append)
    return "".join(parts)


def compact(value: Any) -> str:
    """`value` on one line, keys as they come (json.Marshal)."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).translate(_ESCAPES)


def text(value: str) -> str:
    """A JSON string."""
    written = encode_basestring(value)
    return written.translate(_ESCAPES) if _needs_escapes(written) else written


def nonempty(*fields: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """Those that are something, of what `dict` would hold of the arguments (`omitempty`)."""
    return {name: value for name, value in dict(*fields, **more).items() if value}


def _write(value: Any, line: str, put: Callable[[str], None]) -> None:
    if isinstance(value, str):
        put(text(value))
    elif isinstance(value, dict):
        members = ((f"{text(key)}: ", member) for key, member in value.items())
        _write_bracketed("{}", members, line, put)
    elif isinstance(value, list | tuple):
        _write_bracketed("[]", (("", member) for member in value), line, put)
    elif isinstance(value, bool) or value is None:
        put(_LITERALS[value])
    else:
        put(str(value))


def _write_bracketed(
    brackets: str, members: Iterable[tuple[str, Any]], line: str, put: Callable[[str], None]
) -> None:
    inner = line + "  "
    between = first = brackets[0] + inner
    for key, member in members:
        put(between + key)
        _write(member, inner, put)
        between = "," + inner
    put(brackets if between is first else line + brackets[1])
