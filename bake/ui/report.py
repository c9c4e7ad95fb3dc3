"""Diagnostics as JSON: a document of Pydantic models, which `schemas/diagnostics.json` is made from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field

from bake.diagnostic import Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bake.diagnostic import Diagnostic
    from bake.source import Source, Span

CONTEXT_LINES = 2
"""How many lines around a range come along."""


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Position(_Record):
    """A place in a text."""

    line: int = Field(description="The line, from 1.", ge=1)
    column: int = Field(description="The column, from 1, in what a reader takes for one character.", ge=1)
    offset: int = Field(description="Characters (code points) before it in the whole text, from 0.", ge=0)


class Range(_Record):
    """A stretch of a file. Of a rendered template the places are those of the rendered text."""

    filename: str = Field(description="The file as it was named, `-` for standard input.")
    start: Position
    end: Position = Field(description="The place behind the last character.")
    template_line: int | None = Field(
        default=None, description="The template's line that wrote it, if a template did.", ge=1
    )


class Line(_Record):
    """A line around a range."""

    number: int = Field(description="Its number, from 1.", ge=1)
    text: str = Field(description="Its text, without the line end.")


class Entry(_Record):
    """One fault."""

    severity: Literal["error", "warning"] = Field(description="Only errors keep from building.")
    code: str = Field(description="What kind of fault it is; docs/diagnostics.md has all codes.")
    summary: str = Field(description="What is wrong, in general.")
    detail: str = Field(description="What is wrong here; may be empty.")
    hint: str | None = Field(description="What to do, if that is known.")
    range: Range | None = Field(description="Where it is, null outside of files.")
    lines: tuple[Line, ...] = Field(description="The lines of the range, with some around it.")


class Report(_Record):
    """What `--diagnostics=json` writes."""

    version: Literal[1] = Field(default=1, description="The version of this form.")
    errors: int = Field(description="How many errors there are.", ge=0)
    warnings: int = Field(description="How many warnings there are.", ge=0)
    diagnostics: tuple[Entry, ...] = Field(description="All faults: errors, then warnings.")


def report(found: Sequence[Diagnostic]) -> str:
    """The document for `found`, ending with a line end."""
    errors = sum(one.severity is Severity.ERROR for one in found)
    document = Report(errors=errors, warnings=len(found) - errors, diagnostics=tuple(map(_entry, found)))
    return document.model_dump_json(indent=2) + "\n"


def _entry(one: Diagnostic) -> Entry:
    return Entry(
        severity=one.severity.value,
        code=one.code,
        summary=one.summary,
        detail=one.detail,
        hint=one.hint or None,
        range=_range(one.span) if one.span else None,
        lines=_lines(one.span) if one.span else (),
    )


def _range(span: Span) -> Range:
    rendering = span.source.rendering
    return Range(
        filename=rendering.template.name if rendering else span.source.name,
        start=_position(span.source, span.start),
        end=_position(span.source, span.end),
        template_line=rendering.line_of(span.start) if rendering else None,
    )


def _position(source: Source, offset: int) -> Position:
    return Position(line=source.line_of(offset), column=source.column_of(offset), offset=offset)


def _lines(span: Span) -> tuple[Line, ...]:
    last = min(len(span.source.line_starts), span.end_line + CONTEXT_LINES)
    numbers = range(max(1, span.line - CONTEXT_LINES), last + 1)
    return tuple(Line(number=number, text=span.source.line_text(number)) for number in numbers)
