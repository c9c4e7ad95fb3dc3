"""The machine that runs a pattern's program: all threads side by side, one pass over the text.

An instruction is a pair (operation, argument); jumps are relative, so that pieces of code can be joined
and repeated freely. Threads stand in the order of preference: what RE2 calls leftmost-first. One pass is
linear to the text, times the program's length; all that is done with a pattern is bounded besides.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any, Final

from bake.evaluate.budget import SpentError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

MAX_STEPS: Final = 2_000_000
"""Instructions that one pattern runs, in all its searches: some seconds."""

Captures = tuple[int, ...]
Instruction = tuple["Operation", Any]


class Operation(Enum):
    TEST = "consume a character that passes the test"
    SPLIT = "go on at both relative places, the first preferred"
    JUMP = "go on at the relative place"
    SAVE = "note the position in the slot"
    ASSERT = "go on if (text, position) passes"
    MATCH = "done"


class Pattern:
    """A compiled pattern. Groups are numbered from 1; `names` has None for groups without a name.

    Whatever searches raises SpentError once `MAX_STEPS` are done.
    """

    __slots__ = ("_left", "_program", "names")

    def __init__(self, program: Sequence[Instruction], names: Sequence[str | None]) -> None:
        save, match = (Operation.SAVE, 0), ((Operation.SAVE, 1), (Operation.MATCH, None))
        self._program: Final = (save, *program, *match)
        self.names: Final = tuple(names)
        self._left = MAX_STEPS

    def search(self, text: str, start: int = 0) -> Captures | None:
        """The first match at or behind `start`: start and end of the whole and of each group, -1 for a
        group that took no part. None without a match."""
        threads: list[tuple[int, Captures]] = []
        known: set[int] = set()
        found: Captures | None = None
        blank = (-1,) * (2 * len(self.names) + 2)
        for position in range(start, len(text) + 1):
            if found is None:
                self._follow(threads, known, 0, blank, text, position)
            char = text[position] if position < len(text) else None
            self._left -= len(known)
            if self._left < 0:
                raise SpentError
            coming: list[tuple[int, Captures]] = []
            known = set()
            for place, captures in threads:
                operation, test = self._program[place]
                if operation is Operation.MATCH:
                    found = captures
                    break
                if char is not None and test(char):
                    self._follow(coming, known, place + 1, captures, text, position + 1)
            threads = coming
            if found is not None and not threads:
                break
        return found

    def matches(self, text: str) -> Iterator[Captures]:
        """All matches, none overlapping; no empty one right behind another."""
        position, last_end = 0, -1
        while position <= len(text) and (found := self.search(text, position)):
            empty = found[1] == position
            if not empty or found[0] != last_end:
                yield found
            last_end = found[1]
            position = position + 1 if empty else found[1]

    def replace(self, text: str, replacement: Callable[[Captures], str]) -> str:
        """`text` with every match replaced."""
        pieces: list[str] = []
        position = last_end = 0
        while position <= len(text) and (found := self.search(text, position)):
            pieces.append(text[last_end : found[0]])
            if found[1] > last_end or found[0] == 0:
                pieces.append(replacement(found))
            last_end = found[1]
            position = max(position + 1, found[1])
        return "".join((*pieces, text[last_end:]))

    def _follow(
        self,
        threads: list[tuple[int, Captures]],
        known: set[int],
        place: int,
        captures: Captures,
        text: str,
        position: int,
    ) -> None:
        """Add a thread, following all instructions that consume nothing."""
        program = self._program
        waiting = [(place, captures)]
        while waiting:
            place, captures = waiting.pop()
            if place in known:
                continue
            known.add(place)
            operation, argument = program[place]
            if operation is Operation.JUMP:
                waiting.append((place + argument, captures))
            elif operation is Operation.SPLIT:
                preferred, other = argument
                waiting.append((place + other, captures))
                waiting.append((place + preferred, captures))
            elif operation is Operation.SAVE:
                waiting.append((place + 1, (*captures[:argument], position, *captures[argument + 1 :])))
            elif operation is Operation.ASSERT:
                if argument(text, position):
                    waiting.append((place + 1, captures))
            else:
                threads.append((place, captures))
