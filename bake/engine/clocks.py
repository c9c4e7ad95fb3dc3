"""Time limits that count only while something is at work; pure, as the time is handed in."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bake.solve import SolveKey


class Clocks:
    """How long each task has been at work, and when its time will be up if it goes on."""

    def __init__(self, limit: float) -> None:
        self._limit = limit
        self._left: dict[SolveKey, float] = {}
        self.ends: dict[SolveKey, float] = {}

    def turn(self, key: SolveKey, now: float, *, on: bool) -> None:
        if not self._limit or on == (key in self.ends):
            return
        if on:
            self.ends[key] = now + self._left.get(key, self._limit)
        else:
            self._left[key] = self.ends.pop(key) - now

    def over(self, now: float) -> list[SolveKey]:
        """Those whose time is up."""
        return [key for key, end in self.ends.items() if end <= now]
