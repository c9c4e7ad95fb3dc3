"""What a run gave: results and failures, target by target."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from bake.errors import CanceledError, ExitCode, raise_all
from bake.record import record

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bake.errors import BakeError
    from bake.plan.records import Plan
    from bake.solve import SolveResult


@record
class TargetResult:
    """What a target gave: one result for each of its Solves, and the response of the whole."""

    target: str
    solves: tuple[SolveResult, ...]
    response: Mapping[str, str]


@record
class Outcome:
    """What a run gave. `errors` are by target; `skipped` maps targets to the target that failed.
    `kept_going` says that a failure was no reason to stop the others. `lost` are targets that ended with
    their node, and why; `lost_nodes` are these nodes. `plan` is what was carried out in the end, if that is
    not what was wanted in the beginning."""

    results: Mapping[str, TargetResult]
    errors: Mapping[str, BakeError]
    skipped: Mapping[str, str]
    canceled: bool = False
    kept_going: bool = False
    lost: Mapping[str, BakeError] = field(default_factory=dict)
    lost_nodes: frozenset[str] = frozenset()
    plan: Plan | None = None

    @property
    def counts(self) -> bool:
        """Whether what was built is a result: all of it, or what was wanted in spite of failures."""
        return not self.canceled and (not self.errors or (self.kept_going and bool(self.results)))

    def raise_errors(self) -> None:
        """Raise CanceledError after a cancel, else the failure, or a group of them; nothing without one.

        Failures beside results that count have the exit code of a partial success.
        """
        if self.canceled:
            raise CanceledError()
        if self.counts:
            for error in self.errors.values():
                error.exit_code = ExitCode.PARTIAL
        raise_all(self.errors.values(), f"{len(self.errors)} targets failed")
