"""A `Diagnostic`: a fault as it is told, in one form for all dialects and all displays.

Faults are BakeErrors; where one stands (raised, or among a definition's warnings) says how bad it is.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from bake.codes import code_of
from bake.errors import SolveError, flatten
from bake.record import record

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bake.errors import BakeError
    from bake.source import Source, Span


class Severity(Enum):
    """An error keeps a definition from being built, a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@record
class Diagnostic:
    """What is wrong (`summary`, `detail`), what to do (`hint`), and where: `span`, None outside of files."""

    severity: Severity
    code: str
    summary: str
    detail: str = ""
    hint: str = ""
    span: Span | None = None


@record
class Place:
    """A range in a file that a person can open. Lines from 1; columns, from 1, count characters (code
    points), the end's is behind the last one. Of a rendered text it is the template's line, whose columns are
    not known."""

    file: str
    line: int
    end_line: int
    column: int | None = None
    end_column: int | None = None


def diagnostics(
    error: BaseException | None = None, warnings: Iterable[BakeError] = ()
) -> tuple[Diagnostic, ...]:
    """The faults of `error`, a group or one of them, then `warnings`."""
    errors = flatten(error) if error is not None else ()
    return (
        *(_of(fault, Severity.ERROR) for fault in errors),
        *(_of(fault, Severity.WARNING) for fault in warnings),
    )


def has_errors(found: Sequence[Diagnostic]) -> bool:
    return any(one.severity is Severity.ERROR for one in found)


def place_of(span: Span) -> Place:
    """Where to open a file for `span`."""
    source = span.source
    if source.rendering is not None:
        first, last = (
            source.rendering.line_of(offset) for offset in (span.start, max(span.start, span.end - 1))
        )
        return Place(source.rendering.template.name, first, max(first, last))
    return Place(
        source.name,
        span.line,
        span.end_line,
        _characters(source, span.start),
        _characters(source, span.end),
    )


def _characters(source: Source, offset: int) -> int:
    return len(source.before(offset)) + 1


def _of(fault: BakeError, severity: Severity) -> Diagnostic:
    who = f"target `{fault.target}`: " if fault.target else ""
    return Diagnostic(
        severity, code_of(fault), fault.summary, who + fault.detail, fault.hint or "", _span_of(fault)
    )


def _span_of(fault: BakeError) -> Span | None:
    """Where a fault stands: of a failed step the first lines of the Dockerfile that it is about."""
    if fault.span is not None or not isinstance(fault, SolveError):
        return fault.span
    from bake.source import Source, Span

    for excerpt in fault.sources:
        source = Source(excerpt.filename, excerpt.text, "dockerfile")
        for first, last in excerpt.ranges:
            if 1 <= first <= last <= len(source.line_starts):
                end = source.line_starts[last - 1] + len(source.line_text(last))
                return Span(source, source.line_starts[first - 1], end)
    return None
