"""The words of messages: the nearest of several names, and several faults in one line, as HCL has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bake.goquote import quoted
from bake.syntax.spelling import NEAR, distance

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bake.errors import BakeError


def nearest(name: str, candidates: Iterable[str]) -> str | None:
    """The candidate fewest edits away from `name`, at most NEAR; of equals the first by name."""
    near = [(edits, other) for other in candidates if (edits := distance(name, other)) <= NEAR]
    return min(near)[1] if near else None


def did_you_mean(name: str, candidates: Iterable[str]) -> str | None:
    """A hint naming the nearest candidate, None when there is none."""
    near = nearest(name, candidates)
    return f"Did you mean {quoted(near)}?" if near is not None else None


def first_of(faults: Sequence[BakeError]) -> str:
    """Several faults in one line, as HCL's Diagnostics writes them."""
    others = len(faults) - 1
    return str(faults[0]) + (f", and {others} other diagnostic(s)" if others else "")
