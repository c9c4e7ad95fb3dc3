"""`make bench`: every ratio against the reference, measured in this run; below 1 is better than it.

`--keep` writes the table into docs/benchmarks.md; words are what is wanted (`print`, `build`,
`interrupts`).
"""

from __future__ import annotations

import datetime
import os
import platform
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tools.bench import builds, interrupts, printing
from tools.bench.setting import Setting
from tools.engine.packages import obtain

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tools.bench.pairs import Pair

ROUNDS = int(os.environ.get("PYBAKE_BENCH_ROUNDS", "11"))
KINDS = {"print": printing.run, "build": builds.run}
INTERRUPTS = "interrupts"
FLOOR = Path(__file__).with_name("floor.md")
PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"
HEAD = f"{'':34}{'pybake':>9}{'reference':>11}{'wall':>8}{'CPU':>8}{'memory':>8}"


def main() -> None:
    known = (*KINDS, INTERRUPTS)
    wanted = [word for word in sys.argv[1:] if word in known] or known
    tools = obtain()
    # a working copy's byte code may be kept, as an installed package's is
    environment = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/root"), "LANG": "C.UTF-8"}
    print(f"reference: docker-buildx {tools.versions['docker-buildx']}, medians of {ROUNDS} runs by turns")
    print(HEAD)
    lines = []
    with tempfile.TemporaryDirectory() as work:
        setting = Setting(tools, Path(work), environment, ROUNDS)
        for name, pair in _rows(setting, wanted):
            lines.append(line(name, pair))
            print(lines[-1], flush=True)
    told = interrupts.sentence(interrupts.run(tools)) if INTERRUPTS in wanted else ""
    print(told)
    if "--keep" in sys.argv:
        PAGE.write_text(page(lines, tools.versions["docker-buildx"], told))


def _rows(setting: Setting, wanted: Sequence[str]) -> Iterator[tuple[str, Pair]]:
    for kind in (kind for kind in KINDS if kind in wanted):
        yield from KINDS[kind](setting)


def line(name: str, pair: Pair) -> str:
    """A row of the table: times of both, then ratios."""
    ours, theirs = pair.medians("wall")
    ratios = "".join(f"{pair.ratio(measure):>8.2f}" for measure in ("wall", "cpu", "memory"))
    return f"{name:34}{1000 * ours:>6.0f} ms{1000 * theirs:>8.0f} ms{ratios}"


def page(lines: list[str], version: str, told: str) -> str:
    """docs/benchmarks.md."""
    system = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    machine = f"{os.cpu_count()} cores, {system}"
    table = "\n".join([HEAD, *lines])
    return f"""# Benchmarks

`make bench` measures pybake and `docker buildx` {version} in turn, on the same machine and engine, and
prints medians: the wall time of both, then the ratios of wall time, CPU time and peak memory. Below 1 is
better than the reference; compare the ratios, since machines are noisy. `warm` keeps parsed bake files
from an earlier run, `cold` starts with an empty cache. 1,000 targets are measured against the plugin
alone, without `docker`.

Measured on {datetime.datetime.now(datetime.UTC):%Y-%m-%d} ({machine}), medians of {ROUNDS}:

```text
{table}
```

{told}

{FLOOR.read_text()}"""


if __name__ == "__main__":
    main()
