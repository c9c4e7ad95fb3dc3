"""What `--diagnostics=json` writes: one document of these records.

The types are the documentation: `schemas/diagnostics.schema.json` is made from them. A field that is not
required is left out where there is nothing to say.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Literal, NotRequired, TypedDict

from bake.diagnostic import Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bake.diagnostic import Diagnostic
    from bake.source import Source, Span

WIDEST = 4_000
"""Characters that come along of a line."""
CONTEXT_LINES = 2
"""How many lines around a range come along."""


class Position(TypedDict):
    """A place in a text."""

    line: Annotated[int, "The line, from 1."]
    column: Annotated[int, "The column, from 1, in what a reader takes for one character."]
    offset: Annotated[int, "Characters (code points) before it in the whole text."]


class Range(TypedDict):
    """A stretch of a file. Of a rendered template the places are those of the rendered text."""

    filename: Annotated[str, "The file as it was named, `-` for standard input."]
    start: Position
    end: Annotated[Position, "The place behind the last character."]
    template_line: NotRequired[Annotated[int, "The template's line that wrote it, if a template did."]]


class Line(TypedDict):
    """A line in a range or around it."""

    number: Annotated[int, "Its number, from 1."]
    text: Annotated[str, "Its text without the line end, the first 4,000 characters."]


class Entry(TypedDict):
    """One fault."""

    severity: Annotated[Literal["error", "warning"], "Only errors keep from building."]
    code: Annotated[str, "What kind of fault it is; docs/diagnostics.md has all codes."]
    summary: Annotated[str, "What is wrong, in general."]
    detail: Annotated[str, "What is wrong here; may be empty."]
    hint: NotRequired[Annotated[str, "What to do."]]
    range: NotRequired[Annotated[Range, "Where it is, if it is in a file."]]
    lines: NotRequired[Annotated[list[Line], "The lines of the range, with some around it."]]


class Report(TypedDict):
    """The document."""

    version: Annotated[Literal[1], "The version of this format; fields may be added within one."]
    errors: Annotated[int, "How many errors there are."]
    warnings: Annotated[int, "How many warnings there are."]
    diagnostics: Annotated[list[Entry], "All faults: errors, then warnings."]


def report(found: Sequence[Diagnostic]) -> str:
    """The document for `found`, ending with a line end."""
    errors = sum(one.severity is Severity.ERROR for one in found)
    document: Report = {
        "version": 1,
        "errors": errors,
        "warnings": len(found) - errors,
        "diagnostics": [_entry(one) for one in found],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _entry(one: Diagnostic) -> Entry:
    entry: Entry = {
        "severity": one.severity.value,
        "code": one.code,
        "summary": one.summary,
        "detail": one.detail,
    }
    if one.hint:
        entry["hint"] = one.hint
    if one.span:
        entry["range"] = _range(one.span)
        entry["lines"] = _lines(one.span)
    return entry


def _range(span: Span) -> Range:
    source = span.source
    found: Range = {
        "filename": source.rendering.template.name if source.rendering else source.name,
        "start": _position(source, span.start),
        "end": _position(source, span.end),
    }
    if source.rendering:
        found["template_line"] = source.rendering.line_of(span.start)
    return found


def _position(source: Source, offset: int) -> Position:
    return {"line": source.line_of(offset), "column": source.column_of(offset), "offset": offset}


def _lines(span: Span) -> list[Line]:
    last = min(len(span.source.line_starts), span.end_line + CONTEXT_LINES)
    numbers = range(max(1, span.line - CONTEXT_LINES), last + 1)
    return [{"number": number, "text": span.source.line_text(number)[:WIDEST]} for number in numbers]
