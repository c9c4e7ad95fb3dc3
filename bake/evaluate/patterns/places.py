"""What the assertions of a pattern hold at, and what a dot stands for."""

from __future__ import annotations

from typing import Final

from bake.evaluate.patterns import classes

_is_word: Final = classes.in_ranges(classes.WORD)


def anything(_char: str) -> bool:
    """Any character at all."""
    return True


def not_newline(char: str) -> bool:
    """What `.` means without the flag `s`."""
    return char != "\n"


def at_start(_text: str, position: int) -> bool:
    """The beginning of the text."""
    return position == 0


def at_end(text: str, position: int) -> bool:
    """The end of the text."""
    return position == len(text)


def at_line_start(text: str, position: int) -> bool:
    """The beginning of a line."""
    return position == 0 or text[position - 1] == "\n"


def at_line_end(text: str, position: int) -> bool:
    """The end of a line."""
    return position == len(text) or text[position] == "\n"


def at_word_boundary(text: str, position: int) -> bool:
    """Between a word character and another one, or the text's ends."""
    before = position > 0 and _is_word(text[position - 1])
    return before != (position < len(text) and _is_word(text[position]))
