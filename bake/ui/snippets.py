"""Errors as a person reads them: the lines they are about, what is wrong, the next step.

The form is buildx's (`file:line`, a frame, `>>>` before the lines meant, `ERROR: …`), with the column, a
marker below the characters meant and the fault's code in brackets; every fault is shown, where buildx shows
the first and counts the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, overload

from bake.codes import code_of
from bake.errors import SolveError, flatten
from bake.ui.visible import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from bake.diagnostic import Diagnostic
    from bake.errors import BakeError
    from bake.source import Source, Span

RULE = "-" * 20
WIDEST = 400
"""Characters that are shown of a line; of a longer one, those around what is meant."""


def render(error: BaseException) -> str:
    """The text for `error`, all its faults one after the other; ends with a line end."""
    ranked = sorted(flatten(error), key=lambda fault: isinstance(fault, SolveError))
    return "\n".join(_render_one(fault, targets) for fault, targets in _folded(ranked))


def _folded(faults: Iterable[BakeError]) -> list[tuple[BakeError, list[str]]]:
    """Faults that differ in their target alone are one: a lost connection befalls all that run."""
    found: dict[tuple[object, ...], tuple[BakeError, list[str]]] = {}
    for fault in faults:
        excerpts = fault.sources if isinstance(fault, SolveError) else ()
        same = (fault.line([]), fault.hint, *((one.filename, one.text, one.ranges) for one in excerpts))
        _, targets = found.setdefault(same, (fault, []))
        if fault.target and fault.target not in targets:
            targets.append(fault.target)
    return list(found.values())


def _render_one(fault: BakeError, targets: Sequence[str]) -> str:
    code = f" [{code_of(fault)}]" if fault.span else ""
    return _told(_excerpts(fault), f"ERROR: {fault.line(targets)}{code}", fault.hint)


def render_diagnostic(one: Diagnostic) -> str:
    """The text for one diagnostic, in the form of `render`; ends with a line end."""
    where = f"{one.span}: " if one.span else ""
    what = "; ".join(filter(None, (one.summary, one.detail)))
    line = f"{one.severity.name}: {where}{what} [{one.code}]"
    return _told(_span_excerpts(one.span) if one.span else (), line, one.hint)


def _told(excerpts: Iterable[str], line: str, hint: str | None) -> str:
    text = "\n".join((*excerpts, line, *([f"  {_indent(hint)}"] if hint else ()))) + "\n"
    return visible(text)


def _indent(text: str) -> str:
    return text.replace("\n", "\n  ")


def _excerpts(fault: BakeError) -> Iterator[str]:
    if fault.span is not None:
        yield from _span_excerpts(fault.span)
    if isinstance(fault, SolveError):
        for excerpt in fault.sources:
            lines = excerpt.text.replace("\r\n", "\n").split("\n")
            yield from framed(excerpt.filename, lines, excerpt.ranges)


def _span_excerpts(span: Span) -> Iterator[str]:
    yield from span_excerpt(span)
    yield from _template_excerpt(span)


def _template_excerpt(span: Span) -> list[str]:
    """The template's line that wrote the faulty text, if one did."""
    rendering = span.source.rendering
    if rendering is None:
        return []
    template, line = rendering.template, rendering.line_of(span.start)
    return [
        f"rendered from {template.name}:{line}",
        *framed(template.name, _Lines(template), [(line, line)])[1:],
    ]


def graphemes(text: str) -> list[str]:
    """What a terminal shows as one character each."""
    if text.isascii():
        return list(text)
    import regex

    return regex.findall(r"\X", text)


class _Lines(Sequence[str]):
    """The lines of a source, cut out when they are asked for; `instead` stands for the line of that index."""

    def __init__(self, source: Source, instead: Mapping[int, str] | None = None) -> None:
        self._source = source
        self._instead = instead or {}

    def __len__(self) -> int:
        return len(self._source.line_starts)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[str]: ...
    def __getitem__(self, index: int | slice) -> str | Sequence[str]:
        if isinstance(index, slice):
            return [self[at] for at in range(*index.indices(len(self)))]
        return self._instead.get(index) or self._source.line_text(index + 1)


def span_excerpt(span: Span) -> list[str]:
    """The lines around `span`, marked; below a span within one line, a caret under each character."""
    line, before, meant = span.source.line_text(span.line), span.source.before(span.start), span.text
    if span.line == span.end_line and len(line) > WIDEST:
        before, meant, line = _window(before, meant, line)
    lines = _Lines(span.source, {span.line - 1: line})
    found = framed(span.source.name, lines, [(span.line, span.end_line)])
    if not found:
        return found
    found[0] = f"{span.source.name}:{span.line}:{span.column}"
    if span.line != span.end_line:
        return found
    at = next(index for index, line in enumerate(found) if line.partition(" | ")[2].startswith(">>>"))
    gutter = " " * found[at].index(" | ")
    blank = "".join("\t" if char == "\t" else " " for char in graphemes(before))
    found.insert(at + 1, f"{gutter} |     {blank}{'^' * max(1, len(graphemes(meant)))}")
    return found


def _window(before: str, meant: str, line: str) -> tuple[str, str, str]:
    """The same three, cut to what stands around the beginning of `meant`."""
    start = max(0, len(before) - WIDEST // 2)
    end = min(len(line), start + WIDEST)
    lead = "… " if start else ""
    cut = lead + line[start:end] + (" …" if end < len(line) else "")
    return lead + before[start:], meant[: end - len(before)], cut


def framed(filename: str, lines: Sequence[str], ranges: Iterable[tuple[int, int]]) -> list[str]:
    """`lines` around `ranges` in a frame; nothing if the ranges are not in the text.

    How many lines stand around is BuildKit's rule (solver/errdefs/source.go).
    """
    wanted = [(first, max(first, last)) for first, last in ranges]
    if not wanted:
        return []
    start, end = min(first for first, _ in wanted), max(last for _, last in wanted)
    if not 1 <= start <= len(lines):
        return []
    first, last = _padded(start, min(end, len(lines)), len(lines))
    body = [
        f" {number:3d} | {'>>>' if _meant(number, wanted) else '   '} {_cut(lines[number - 1])}"
        for number in range(first, last + 1)
    ]
    return [f"{filename}:{start}", RULE, *body, RULE]


def _cut(line: str) -> str:
    # what a window leaves is a little longer than the rest may be
    return line if len(line) <= WIDEST + 4 else line[:WIDEST] + " …"


def _padded(start: int, end: int, total: int) -> tuple[int, int]:
    pad = 4 if start == end else 2
    filled = 0
    while filled < pad:
        if start > 1:
            start, filled = start - 1, filled + 1
        if end != total:
            end, filled = end + 1, filled + 1
        filled += 1
    return start, end


def _meant(number: int, ranges: Sequence[tuple[int, int]]) -> bool:
    return any(first <= number <= last for first, last in ranges)
