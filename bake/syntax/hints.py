"""Next steps for the faults that HCL tells of a text: what to write there instead.

HCL's words say which rule was broken; most often it is a slip that the line itself shows. Takes a fault and
the tokens' source, gives a sentence or nothing: never a guess that the text does not bear out.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from bake.errors import DefinitionError
    from bake.source import Span

LONGEST = 1_000
"""Characters of a line that a hint is looked for in; the patterns below take quadratic time."""
_VALUE = re.compile(r'\s*([A-Za-z_][\w-]*)\s+("[^"]*"|\[.*\]|\{.*\}|true|false|-?\d+)\s*')
_COLON = re.compile(r"\s*([A-Za-z_][\w-]*|\"[^\"]*\")\s*:\s*(.+?),?\s*")
_QUOTED = re.compile(r'\s*"([A-Za-z_][\w-]*)"\s*=\s*(.+?)\s*')


def hint_for(fault: DefinitionError) -> str | None:
    """What to do about a fault of syntax, None where its own words say it."""
    hint = _HINTS.get(fault.summary)
    return hint(fault.span) if hint and fault.span else None


def _equals(span: Span) -> str | None:
    """`name value`, `name: value` or `"name" = value` where `name = value` was meant."""
    line = span.source.line_text(span.line)
    if len(line) > LONGEST:
        return None
    for form in (_VALUE, _COLON, _QUOTED):
        if found := form.fullmatch(line):
            return f"write `{found[1].strip(chr(34))} = {found[2]}`"
    return None


def _separator(span: Span) -> str | None:
    """An item behind another on its line lacks a comma; on a line of its own it may be no item at all."""
    before = span.source.before(span.start)
    if before.strip():
        return "put a comma before it"
    above = max(1, span.line - 1)
    return f"put a comma at the end of line {above}, or close what is open there"


def _quote(span: Span) -> str | None:
    return f'close the text with `"` on line {span.line}'


_HINTS: dict[str, Callable[[Span], str | None]] = {
    "Argument or block definition required": _equals,
    "Invalid argument name": _equals,
    "Invalid block definition": _equals,
    "Missing item separator": _separator,
    "Unterminated template string": _quote,
}
"""Summary of a fault → what its place tells."""
