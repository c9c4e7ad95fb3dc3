"""What a run gave: results and failures, target by target."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bake.errors import CanceledError, raise_all

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bake.errors import BakeError
    from bake.solve import SolveResult


@dataclass(frozen=True, slots=True)
class TargetResult:
    """What a target gave: one result for each of its Solves, and the response of the whole."""

    target: str
    solves: tuple[SolveResult, ...]
    response: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run gave. `errors` are by target; `skipped` maps targets to the target that failed."""

    results: Mapping[str, TargetResult]
    errors: Mapping[str, BakeError]
    skipped: Mapping[str, str]
    canceled: bool = False

    def raise_errors(self) -> None:
        """Raise CanceledError after a cancel, else the failure, or a group of them; nothing without one."""
        if self.canceled:
            raise CanceledError()
        raise_all(self.errors.values(), f"{len(self.errors)} targets failed")
