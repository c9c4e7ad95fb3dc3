"""`make bench`: every ratio against the reference, measured in this run; below 1 is faster than it."""

from __future__ import annotations

import os
import statistics
import tempfile
from pathlib import Path

from tools.bench import printing
from tools.engine.packages import obtain

ROUNDS = int(os.environ.get("PYBAKE_BENCH_ROUNDS", "11"))


def main() -> None:
    tools = obtain()
    # a working copy's byte code may be kept, as an installed package's is
    environment = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/root"), "LANG": "C.UTF-8"}
    print(f"reference: docker-buildx {tools.versions['docker-buildx']}, medians of {ROUNDS} runs by turns")
    print(f"{'':34}{'pybake':>9}{'reference':>11}{'ratio':>8}")
    with tempfile.TemporaryDirectory() as work:
        for name, pair in printing.run(tools, Path(work), environment, ROUNDS):
            ours, theirs = (1000 * statistics.median(side) for side in (pair.ours, pair.theirs))
            print(f"{name:34}{ours:>6.0f} ms{theirs:>8.0f} ms{pair.ratio:>8.2f}", flush=True)


if __name__ == "__main__":
    main()
