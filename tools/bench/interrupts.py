"""Ctrl-C at random moments of a build: how long until the prompt is back, and with which exit code.

`python -m tools.bench.interrupts` prints the median, the 95th percentile and the longest. The build never
ends by itself: it sends 64 MB, runs steps in three targets, two of them linked, and sleeps in the last one.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tools.engine.packages import Tools

ROOT = "FROM scratch\nARG TARGETARCH\nCOPY rootfs/$${TARGETARCH}/ /\n"
PATIENCE = 60.0
COUNT = int(os.environ.get("PYBAKE_BENCH_INTERRUPTS", "30"))
LONGEST = 3.0
"""Seconds in which all phases of the build have begun."""


@dataclass(frozen=True)
class Interrupt:
    """`after` seconds of a build came Ctrl-C; `took` seconds later the process ended with `code`, having
    written `said` on standard error."""

    after: float
    took: float
    code: int
    said: str


def endless(folder: Path, word: str) -> None:
    """A bake file whose build goes through all phases but the last, with `word` in its steps; `folder` has a
    root file system for each architecture in `rootfs`. Another word for each run: a layer whose commit was
    interrupted may be broken in the engine's cache (seen with Engine 28.5)."""
    if not (folder / "data").exists():
        (folder / "data").write_bytes(os.urandom(1 << 16) * 1024)
    targets = {
        "files": {
            "dockerfile-inline": f"FROM scratch\nCOPY data /{word}\n",
            "output": ["type=local,dest=out"],
        },
        "base": {
            "dockerfile-inline": f"{ROOT}RUN sleep 0.5 # {word}\n",
            "output": ["type=tar,dest=base.tar"],
        },
        "app": {
            "contexts": {"base": "target:base"},
            "dockerfile-inline": f"FROM base\nRUN sleep 600 # {word}\n",
            "output": ["type=oci,dest=app.tar"],
        },
    }
    document = {"group": {"default": {"targets": list(targets)}}, "target": targets}
    (folder / "docker-bake.json").write_text(json.dumps(document))


def interrupt(words: Sequence[str], environment: Mapping[str, str], folder: Path, after: float) -> Interrupt:
    """Run pybake and send it what Ctrl-C sends, `after` seconds after it began to listen: while Python
    itself starts, an interrupt ends it with 1."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # a shell's background command, and what it starts would ignore it too
        signal.signal(signal.SIGINT, signal.default_int_handler)
    process = subprocess.Popen(
        words,
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        _until_it_listens(process)
        time.sleep(after)
        process.send_signal(signal.SIGINT)
        sent = time.monotonic()
        _, said = process.communicate(timeout=PATIENCE)
        took = time.monotonic() - sent
    finally:
        process.kill()
    code = process.returncode
    return Interrupt(after, took, 128 - code if code < 0 else code, said)


def _until_it_listens(process: subprocess.Popen[str]) -> None:
    """Wait until the process catches SIGALRM, the beat of `bake.cli.interrupts`."""
    status = Path(f"/proc/{process.pid}/status")
    deadline = time.monotonic() + PATIENCE
    while not int(status.read_text().partition("SigCgt:")[2].split()[0], 16) >> (signal.SIGALRM - 1) & 1:
        assert time.monotonic() < deadline, "it does not begin to listen"
        time.sleep(0.001)


def moments(count: int, longest: float, seed: int = 0) -> list[float]:
    """`count` moments of the first `longest` seconds, spread and shuffled at random."""
    chosen = random.Random(seed)
    spread = longest / count
    found = [spread * (number + chosen.random()) for number in range(count)]
    chosen.shuffle(found)
    return found


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that `share` of them do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def run(tools: Tools, count: int = COUNT) -> list[Interrupt]:
    """Builds on an engine of their own, each interrupted once."""
    from tools.engine.dockerd import Engine

    command = [str(Path(sys.executable).with_name("pybake")), "--progress=plain"]
    with tempfile.TemporaryDirectory() as work, Engine(tools) as engine:
        environment = {"PATH": os.environ["PATH"], "HOME": work, "DOCKER_HOST": engine.host}
        folder = Path(work, "project")
        shutil.copytree(tools.rootfs, folder / "rootfs", symlinks=True)
        found = []
        for after in moments(count, LONGEST):
            endless(folder, os.urandom(8).hex())
            found.append(interrupt(command, environment, folder, after))
        return found


def sentence(found: Sequence[Interrupt]) -> str:
    """What was found, for a page."""
    took = [one.took for one in found]
    codes = ", ".join(str(code) for code in sorted({one.code for one in found}))
    return (
        f"Ctrl-C at {len(found)} random moments of a build: exit code {codes}; the prompt is back after "
        f"median {percentile(took, 0.5):.2f} s, p95 {percentile(took, 0.95):.2f} s, longest {max(took):.2f} s"
    )


def main() -> None:
    from tools.engine.packages import obtain

    print(sentence(run(obtain())))


if __name__ == "__main__":
    main()
