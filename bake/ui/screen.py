"""The lower part of a terminal, redrawn in place; what is printed above it stays and scrolls away.

Takes lines with a style's name each, writes ECMA-48 control sequences, and lets through none of others.
Its rule: nothing it does has to be undone, so a process that is killed leaves the terminal as it should be.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from unicodedata import combining, east_asian_width

from bake.record import record

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TextIO

STYLES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}
"""SGR parameters by name."""
_CONTROL = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[@-Z\\-_]|[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""Escape sequences and control characters but for tab and line feed: a step's output may move no cursor."""
_BEGIN, _END = "\x1b[?2026h", "\x1b[?2026l"
"""Synchronized output: terminals that know it show the frame at once, the others pass over it."""
_ERASE_BELOW = "\x1b[J"


@record
class Line:
    """One line of the screen: its left part, which is cut when it is too long, its right part, a style."""

    left: str
    right: str = ""
    style: str = ""

    def fit(self, width: int) -> str:
        """The line in `width` columns at most."""
        room = max(0, width - columns(self.right) - (1 if self.right else 0))
        left = self.left if columns(self.left) <= room else cut(self.left, room - 1) + "…" * (room > 0)
        filled = left + " " * (room - columns(left)) + f" {self.right}" if self.right else left
        return cut(filled, width)


def columns(text: str) -> int:
    """How many columns of a terminal `text` takes."""
    return len(text) if text.isascii() else sum(map(_columns_of, text))


def cut(text: str, width: int) -> str:
    """What of `text` stands in the first `width` columns."""
    if text.isascii():
        return text[: max(0, width)]
    taken = 0
    for index, char in enumerate(text):
        taken += _columns_of(char)
        if taken > width:
            return text[:index]
    return text


def _columns_of(char: str) -> int:
    if combining(char) or char in "\u200b\u200d\ufe0f":
        return 0
    return 2 if east_asian_width(char) in "WF" else 1


def harmless(text: str) -> str:
    """`text` without what would move the cursor or change colors; of what a carriage return overwrites,
    what is left."""
    return _CONTROL.sub("", "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in text.split("\n")))


class Screen:
    """The terminal behind `out`; `size` gives its columns and rows at any time."""

    def __init__(self, out: TextIO, size: Callable[[], tuple[int, int]], *, color: bool = True) -> None:
        self._out = out
        self._color = color
        self.size = size
        self._drawn: list[int] = []
        """The columns that each line of the picture takes."""

    def draw(self, lines: Sequence[Line]) -> None:
        """Put `lines` in the place of the former ones."""
        width, _ = self.size()
        texts = [harmless(line.fit(width - 1)) for line in lines]
        body = "".join(self._styled(text, line.style) + "\n" for text, line in zip(texts, lines, strict=True))
        self._out.write(_BEGIN + self._back() + body + _END)
        self._out.flush()
        self._drawn = [columns(text) for text in texts]

    def print(self, text: str, style: str = "") -> None:
        """Write `text`, whose last line is ended, where the picture stood; it stays."""
        lines = harmless(text).splitlines(True)
        self._out.write(self._back() + "".join(self._styled(line, style) for line in lines))
        self._out.flush()
        self._drawn = []

    def settle(self) -> None:
        """Let the picture stay as it is."""
        self._drawn = []

    def _styled(self, text: str, style: str) -> str:
        code = STYLES.get(style) if self._color else None
        bare = text.removesuffix("\n")
        return f"\x1b[{code}m{bare}\x1b[0m{text[len(bare) :]}" if code and bare else text

    def _back(self) -> str:
        """To where the picture starts, everything below erased. On a screen that has become narrower its
        lines take several rows."""
        width, height = self.size()
        rows = sum(max(1, -(-taken // max(1, width))) for taken in self._drawn)
        up = min(rows, max(0, height - 1))
        return (f"\r\x1b[{up}A" if up else "\r" * bool(self._drawn)) + (_ERASE_BELOW if self._drawn else "")
