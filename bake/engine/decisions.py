"""What the scheduler says is to be done, as records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from bake.solve import SolveKey


@dataclass(frozen=True, slots=True)
class Start:
    key: SolveKey
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class Release:
    """Let a held task run its steps."""

    key: SolveKey


@dataclass(frozen=True, slots=True)
class Export:
    """Let a task whose steps have run go on to its exports."""

    key: SolveKey


@dataclass(frozen=True, slots=True)
class Expire:
    """The task's time is up: stop it, it has failed. Its end is still to be reported."""

    key: SolveKey


@dataclass(frozen=True, slots=True)
class Abandon:
    """The task was to stop, and nothing was heard of it since: it counts as ended."""

    key: SolveKey


@dataclass(frozen=True, slots=True)
class Cancel:
    """Stop a task; its end is still to be reported."""

    key: SolveKey


@dataclass(frozen=True, slots=True)
class Skip:
    """The task will not run (any further), because the task `because` failed."""

    key: SolveKey
    because: SolveKey


@dataclass(frozen=True, slots=True)
class Retry:
    """The task failed and will start again, not before the time `at`."""

    key: SolveKey
    at: float
    attempt: int


@dataclass(frozen=True, slots=True)
class Publish:
    """All of the target is built: join its results and push what is pushed afterwards."""

    target: str


Decision: TypeAlias = Start | Release | Export | Expire | Cancel | Abandon | Skip | Retry | Publish
