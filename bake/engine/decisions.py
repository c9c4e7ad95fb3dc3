"""What the scheduler says is to be done, as records."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from bake.record import record

if TYPE_CHECKING:
    from bake.solve import SolveKey


@record
class Start:
    key: SolveKey
    attempt: int = 1


@record
class Release:
    """Let a held task run its steps."""

    key: SolveKey


@record
class Export:
    """Let a task whose steps have run go on to its exports."""

    key: SolveKey


@record
class Expire:
    """The task's time is up: stop it, it has failed. Its end is still to be reported."""

    key: SolveKey


@record
class Abandon:
    """The task was to stop, and nothing was heard of it since: it counts as ended."""

    key: SolveKey


@record
class Cancel:
    """Stop a task; its end is still to be reported."""

    key: SolveKey


@record
class Skip:
    """The task will not run (any further), because the task `because` failed."""

    key: SolveKey
    because: SolveKey


@record
class Retry:
    """The task failed and will start again, not before the time `at`."""

    key: SolveKey
    at: float
    attempt: int


@record
class Publish:
    """All of the target is built: join its results and push what is pushed afterwards."""

    target: str


Decision: TypeAlias = Start | Release | Export | Expire | Cancel | Abandon | Skip | Retry | Publish
