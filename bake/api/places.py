"""Where the faults of a Dockerfile stand, seen from the working directory.

BuildKit knows a Dockerfile by its name within the folder that it was sent from; of ten targets all have a
`Dockerfile`. Here each gets its path back, where it is on this machine.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from bake.errors import SolveError, SourceExcerpt
from bake.solve import LocalTree

if TYPE_CHECKING:
    from bake.engine.outcome import Outcome
    from bake.host import Host
    from bake.plan.records import Plan


def explain(outcome: Outcome, plan: Plan, host: Host) -> None:
    """Give the excerpts of failures the paths of their Dockerfiles."""
    for target, error in outcome.errors.items():
        solve = next((one for one in plan.solves.values() if one.target == target), None)
        folder = solve.locals.get("dockerfile") if solve else None
        if solve is None or not isinstance(error, SolveError) or not isinstance(folder, LocalTree):
            continue
        name = solve.attrs.get("filename", "Dockerfile")
        path = os.path.relpath(os.path.join(folder.path, name), host.working_directory)
        error.sources = tuple(
            SourceExcerpt(path, one.text, one.ranges) if one.filename == name else one
            for one in error.sources
        )
