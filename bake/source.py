"""Where things stand: a `Source` is one text that was read, a `Span` a stretch of it, an `Origin`
a span with the reason a value comes from there.

Offsets are in characters of `Source.text`, half open. Lines and columns count from 1; columns count
grapheme clusters, as HCL's do, so an editor's cursor and the message agree.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import field
from enum import Enum
from functools import cached_property
from typing import Literal

from bake.record import record

Dialect = Literal["hcl", "json", "toml", "compose", "dockerfile"]


class _Lines:
    """A text by its lines. A class without slots: where the lines start is kept."""

    text: str
    dialect: Dialect

    @cached_property
    def line_starts(self) -> list[int]:
        starts = [0]
        find = self.text.find
        at = find("\n")
        while at >= 0:
            starts.append(at + 1)
            at = find("\n", at + 1)
        return starts

    def line_of(self, offset: int) -> int:
        """The line that `offset` stands on, from 1."""
        return bisect_right(self.line_starts, offset)

    def column_of(self, offset: int) -> int:
        """The column of `offset` in its line, from 1, in grapheme clusters."""
        before = self.before(offset)
        # HCL's JSON scanner (json/scanner.go, 2.24) counts a tab as two columns
        tabs = before.count("\t") if self.dialect == "json" else 0
        if before.isascii():
            return len(before) + tabs + 1
        import regex  # only non-ASCII lines pay for it

        return len(regex.findall(r"\X", before)) + tabs + 1

    def before(self, offset: int) -> str:
        """The text of its line that stands before `offset`, but for a byte order mark."""
        start = self.line_starts[self.line_of(offset) - 1]
        before = self.text[start:offset]
        return before if start else before.removeprefix("\ufeff")

    def line_text(self, line: int) -> str:
        """The text of `line` (from 1) without its line end; empty behind the last one."""
        if line > len(self.line_starts):
            return ""
        start = self.line_starts[line - 1]
        end = self.text.find("\n", start)
        return self.text[start : end if end >= 0 else len(self.text)].rstrip("\r")


@record
class Source(_Lines):
    """One text, as read: `name` is what messages call it (`docker-bake.hcl`, `cwd://x.hcl`, `-`).

    `directory` is the folder its relative paths refer to, None when it stands in no folder (standard
    input). `remote` says that it came from a remote definition, not from this machine.
    `rendering` tells which template a `*.j2` text was rendered from.
    """

    name: str
    text: str
    dialect: Dialect
    directory: str | None = None
    remote: bool = False
    rendering: Rendering | None = None


@record
class Rendering:
    """Where a rendered text came from: from each offset of `offsets` on (ascending, in characters of the
    rendered text) the line of `template` at the same index wrote it."""

    template: Source
    offsets: tuple[int, ...]
    lines: tuple[int, ...]

    def line_of(self, offset: int) -> int:
        """The template's line, from 1, that wrote the character at `offset`."""
        at = bisect_right(self.offsets, offset) - 1
        return self.lines[at] if at >= 0 else 1


@record
class Span:
    """The characters `start` to `end` (half open) of `source`."""

    source: Source = field(repr=False)
    start: int
    end: int

    @property
    def line(self) -> int:
        return self.source.line_of(self.start)

    @property
    def column(self) -> int:
        return self.source.column_of(self.start)

    @property
    def end_line(self) -> int:
        return self.source.line_of(self.end)

    @property
    def end_column(self) -> int:
        return self.source.column_of(self.end)

    @property
    def text(self) -> str:
        return self.source.text[self.start : self.end]

    def __str__(self) -> str:
        """HCL's own form: `file:3,5-10`, or `file:3,5-4,2` over several lines."""
        end = f"{self.end_column}" if self.line == self.end_line else f"{self.end_line},{self.end_column}"
        return f"{self.source.name}:{self.line},{self.column}-{end}"


class Cause(Enum):
    """Why a value is what it is."""

    BLOCK = "block"
    INHERITED = "inherited from"
    OVERRIDE_FILE = "override file"
    MATRIX = "matrix"
    ENVIRONMENT = "environment"
    VARIABLE = "--var"
    SET = "--set"
    FLAG = "flag"
    COMPOSE = "compose"
    DEFAULT = "default"


@record
class Origin:
    """The place and the cause of one value.

    `detail` names the other party of the cause: the parent target of INHERITED, the variable of
    ENVIRONMENT, the flag of FLAG, the text of SET. `span` is None only where no file is involved.
    """

    cause: Cause
    span: Span | None = None
    detail: str = ""

    def as_inherited(self, parent: str) -> Origin:
        """This origin seen from a target that inherits from `parent`; the first heir's view is kept, and
        what the command line says is said by the command line for heirs too."""
        if self.cause in (Cause.INHERITED, Cause.SET, Cause.FLAG):
            return self
        return Origin(Cause.INHERITED, self.span, parent)
