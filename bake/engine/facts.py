"""What a run's threads tell the one that decides."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from bake.record import record

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bake.buildkit.solve import RunningSolve
    from bake.errors import BakeError
    from bake.solve import SolveKey, SolveResult


@record
class Started:
    key: SolveKey
    running: RunningSolve


@record
class Registered:
    key: SolveKey


@record
class Evaluated:
    key: SolveKey


@record
class Finished:
    key: SolveKey
    result: SolveResult


@record
class Failed:
    """`lost` says that the node is gone, and not only a connection to it."""

    key: SolveKey
    error: BakeError
    lost: bool = False


@record
class Published:
    target: str
    response: Mapping[str, str]
    error: BakeError | None = None


@record
class Broken:
    """A thread ended by something that is no failure of a build: a bug."""

    error: BaseException


@record
class CancelWished:
    pass


Fact: TypeAlias = Started | Registered | Evaluated | Finished | Failed | Published | Broken | CancelWished
