"""The code blocks of README.md and docs/: what each is, and how it is proved.

Before a block may stand one comment:

    <!-- file: NAME -->       what follows is this file, for the commands of the page
    <!-- run by: PATH -->     this test runs it
    <!-- not run: REASON -->  nobody does

Without one, commands (`console`, `sh`) and `python` are run on an engine by tests/engine/test_pages.py, and
bake files and data are read by tests/quality/test_pages_read.py. `text` is what a program said.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
RUN = ("console", "sh", "python")
READ = ("hcl", "json", "toml", "yaml")
SAID = ("text",)
NOTE = re.compile(r"<!-- (file|run by|not run): (.+) -->")
FENCE = re.compile(r"( *)```(\S*)\s*")


@dataclass(frozen=True)
class Block:
    """A code block: `kind` and `note` are of the comment before it, both "" without one."""

    page: Path
    line: int
    language: str
    text: str
    kind: str = ""
    note: str = ""

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"

    @property
    def is_run(self) -> bool:
        """Whether the walk over its page runs it."""
        return not self.kind and self.language in RUN


def pages() -> list[Path]:
    """README.md and all of docs/, those that are generated too."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def blocks(page: Path) -> Iterator[Block]:
    """The fenced code blocks of a page, in order."""
    lines = page.read_text().split("\n")
    at = 0
    while at < len(lines):
        if (fence := FENCE.fullmatch(lines[at])) is None:
            at += 1
            continue
        end = lines.index(f"{fence[1]}```", at + 1)
        before = next((line for line in reversed(lines[:at]) if line.strip()), "")
        found = NOTE.fullmatch(before.strip())
        text = "".join(f"{line.removeprefix(fence[1])}\n" for line in lines[at + 1 : end])
        yield Block(page, at + 1, fence[2], text, *(found.groups() if found else ()))
        at = end + 1


def indented(page: Path) -> Iterator[int]:
    """The lines where code is indented instead of fenced, behind an empty line and outside of a list."""
    inside, before = False, ""
    for number, line in enumerate(page.read_text().split("\n"), 1):
        if FENCE.fullmatch(line):
            inside = not inside
        elif not inside and line.startswith("    ") and not before.strip():
            yield number
        before = line
