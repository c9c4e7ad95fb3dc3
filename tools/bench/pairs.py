"""Paired measurement: both commands take turns, so that a noisy minute hits both alike."""

from __future__ import annotations

import statistics
import subprocess
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


@dataclass(frozen=True)
class Contestant:
    """A command, its environment, and what is done before each run of it (not measured)."""

    words: Sequence[str]
    environment: Mapping[str, str]
    prepare: Callable[[], object] = bool


@dataclass(frozen=True)
class Pair:
    """Seconds of each run, in the order they were made."""

    ours: tuple[float, ...]
    theirs: tuple[float, ...]

    @property
    def ratio(self) -> float:
        """The median of ours over the median of theirs."""
        return statistics.median(self.ours) / statistics.median(self.theirs)


def race(ours: Contestant, theirs: Contestant, folder: str, rounds: int) -> Pair:
    """Run both by turns, `rounds` times each after one run that does not count."""
    times: tuple[list[float], list[float]] = ([], [])
    for number in range(rounds + 1):
        for contestant, taken in zip((ours, theirs), times, strict=True):
            seconds = _run(contestant, folder)
            if number:
                taken.append(seconds)
    return Pair(tuple(times[0]), tuple(times[1]))


def _run(contestant: Contestant, folder: str) -> float:
    contestant.prepare()
    started = time.perf_counter()
    done = subprocess.run(
        contestant.words,
        cwd=folder,
        env=dict(contestant.environment),
        capture_output=True,
        text=True,
        check=False,
    )
    seconds = time.perf_counter() - started
    if done.returncode:
        raise RuntimeError(f"{' '.join(contestant.words)} failed in {folder}:\n{done.stderr}")
    return seconds
