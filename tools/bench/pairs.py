"""Paired measurement: both commands take turns, so that a noisy minute hits both alike."""

from __future__ import annotations

import os
import statistics
import subprocess
import tempfile
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
class Sample:
    """One run: `wall` and `cpu` in seconds, of the command and all that it started; `memory` is the peak
    resident size of the largest of these processes, in KiB."""

    wall: float
    cpu: float
    memory: float


@dataclass(frozen=True)
class Pair:
    """The samples of both sides, in the order they were made."""

    ours: tuple[Sample, ...]
    theirs: tuple[Sample, ...]

    def medians(self, measure: str) -> tuple[float, float]:
        """Both sides' medians of `wall`, `cpu` or `memory`."""
        ours, theirs = (
            statistics.median(getattr(sample, measure) for sample in side)
            for side in (self.ours, self.theirs)
        )
        return ours, theirs

    def ratio(self, measure: str) -> float:
        """The median of ours over the median of theirs."""
        ours, theirs = self.medians(measure)
        return ours / theirs


def race(ours: Contestant, theirs: Contestant, folder: str, rounds: int) -> Pair:
    """Run both in turn, `rounds` times each, after one run that does not count."""
    samples: tuple[list[Sample], list[Sample]] = ([], [])
    for number in range(rounds + 1):
        for contestant, taken in zip((ours, theirs), samples, strict=True):
            sample = _run(contestant, folder)
            if number:
                taken.append(sample)
    return Pair(tuple(samples[0]), tuple(samples[1]))


def _run(contestant: Contestant, folder: str) -> Sample:
    contestant.prepare()
    with tempfile.TemporaryFile() as said:
        started = time.perf_counter()
        process = subprocess.Popen(
            contestant.words,
            cwd=folder,
            env=dict(contestant.environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=said,
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            text = said.read().decode(errors="replace")
            raise RuntimeError(f"{' '.join(contestant.words)} failed in {folder}:\n{text}")
    return Sample(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss)
