"""What a run's threads tell the one that decides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bake.buildkit.solve import RunningSolve
    from bake.errors import BakeError
    from bake.solve import SolveKey, SolveResult


@dataclass(frozen=True, slots=True)
class Started:
    key: SolveKey
    running: RunningSolve


@dataclass(frozen=True, slots=True)
class Registered:
    key: SolveKey


@dataclass(frozen=True, slots=True)
class Evaluated:
    key: SolveKey


@dataclass(frozen=True, slots=True)
class Finished:
    key: SolveKey
    result: SolveResult


@dataclass(frozen=True, slots=True)
class Failed:
    """`lost` says that the node is gone, and not only a connection to it."""

    key: SolveKey
    error: BakeError
    lost: bool = False


@dataclass(frozen=True, slots=True)
class Published:
    target: str
    response: Mapping[str, str]
    error: BakeError | None = None


@dataclass(frozen=True, slots=True)
class Broken:
    """A thread ended by something that is no failure of a build: a bug."""

    error: BaseException


@dataclass(frozen=True, slots=True)
class CancelWished:
    pass


Fact: TypeAlias = Started | Registered | Evaluated | Finished | Failed | Published | Broken | CancelWished
