"""How much work the expressions of one definition may be: what bounds time and memory of any input.

A round of a loop, a call, and a stretch of what a call or a template makes cost one unit each. Files that
people write need a few thousand. The reference has no bound, and hangs or dies.
"""

from __future__ import annotations

from typing import Final

MAX_WORK: Final = 200_000
"""Units of work in one definition: some ten seconds."""
CHARACTERS: Final = 512
"""Characters of text that one unit pays for."""
ELEMENTS: Final = 4
"""Elements of a list or a map that one unit pays for."""


class SpentError(Exception):
    """All work is used up. Evaluating an expression ends with it, as with a RecursionError."""


class Budget:
    """What is left."""

    __slots__ = ("left",)

    def __init__(self, left: int = MAX_WORK) -> None:
        self.left = left

    def spend(self, made: object = None) -> None:
        """Pay for one step, and for what it `made`: text, or elements. Raises SpentError."""
        self.left -= 1
        if type(made) is str:
            self.left -= len(made) // CHARACTERS
        elif type(made) is tuple or type(made) is dict:
            self.left -= len(made) // ELEMENTS
        if self.left < 0:
            raise SpentError
