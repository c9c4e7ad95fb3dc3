"""`make soak`: builds for an hour, with everything going wrong now and then, and a look at what is left.

Each round is one of: a build that works, a failing step, Ctrl-C, a cut connection, a registry that answers
500. After each the exit code has to be right, and nothing may be left in the folder; several builds in one
process must not pile up anything. `SOAK_SECONDS` shortens it, `SOAK_SEED` repeats one.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tools import leaks
from tools.bench.interrupts import ROOT, endless, interrupt
from tools.engine.dockerd import Engine
from tools.engine.faulty import Fault, FaultyRegistry
from tools.engine.packages import Tools, obtain
from tools.engine.registry import Registry
from tools.engine.relay import Disturbance, Harm, Relay

if TYPE_CHECKING:
    from tools.leaks import Kept

SECONDS = 3600.0
LIMIT = 120.0
"""Seconds after which a round counts as hung."""
BUILDS = 12
"""How many rounds one process builds in."""
WARM = 3
"""Those of them after which all modules are imported and all caches filled."""
LEAK = 2048
"""Bytes that a later one may add: 600 are what is noted of it."""


@dataclass
class Soak:
    """What the rounds are run with; `complaints` is what was wrong with them."""

    folder: Path
    engine: Engine
    relay: Relay
    registry: FaultyRegistry
    chosen: random.Random

    def __post_init__(self) -> None:
        self.complaints: list[str] = []
        self.rounds: Counter[str] = Counter()
        self.kept: list[Kept] = []
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder.with_name("home")),
            "DOCKER_HOST": self.engine.host,
            "BUILDX_CONFIG": str(self.folder.with_name("buildx")),
        }
        self.command = [str(Path(sys.executable).with_name("pybake")), "--progress=plain"]

    def works(self) -> None:
        """A push, a folder and an archive; twice the same, as caches are."""
        self._expect("works", 0, self._define(_word()))

    def fails(self) -> None:
        self._expect("fails", 2, self._define(_word(), failing=True), "--keep-going")

    def is_interrupted(self) -> None:
        endless(self.folder, _word())
        before = self._names()
        found = interrupt(self.command, self.environment, self.folder, self.chosen.uniform(0.2, 3.0))
        if found.code != 130:
            self.complaints.append(f"Ctrl-C after {found.after:.2f} s: exit code {found.code}\n{found.said}")
        self._nothing_left(before)

    def is_cut(self) -> None:
        self.relay.disturb(Disturbance(Harm.CUT, self.chosen.randrange(200_000), self.chosen.random() < 0.5))
        self._expect("is cut", None, self._define(_word()), "--retries=3", BUILDX_BUILDER="far")
        self.relay.calm()

    def is_refused(self) -> None:
        self.registry.faults = [Fault("PUT .*/manifests/latest", 500, times=9)]
        self._expect("is refused", 0, self._define(_word()), "--retries=3")
        self.registry.faults = []

    def _define(self, word: str, *, failing: bool = False) -> str:
        shutil.rmtree(self.folder / "out", ignore_errors=True)
        targets = {
            "pushed": {
                "dockerfile-inline": f"{ROOT}RUN echo {word} >/made\n",
                "tags": [f"{self.registry.address}/soak"],
                "output": ["type=registry", "type=local,dest=out"],
            },
            "archive": {
                "contexts": {"base": "target:pushed"},
                "dockerfile-inline": "FROM base\nRUN cat /made\n",
                "output": ["type=oci,dest=archive.tar"],
            },
        }
        if failing:
            targets["bad"] = {"dockerfile-inline": f"{ROOT}RUN exit 3 # {word}\n"}
        document = {"group": {"default": {"targets": list(targets)}}, "target": targets}
        (self.folder / "docker-bake.json").write_text(json.dumps(document))
        return word

    def _expect(self, name: str, code: int | None, word: str, *options: str, **environment: str) -> None:
        before = self._names() | {"out", "archive.tar"}
        done = subprocess.run(
            [*self.command, *options],
            cwd=self.folder,
            env={**self.environment, **environment},
            capture_output=True,
            text=True,
            timeout=LIMIT,
            check=False,
        )
        if done.returncode not in ((code,) if code is not None else (0, 1)) or "Traceback" in done.stderr:
            self.complaints.append(f"{name}: exit code {done.returncode}\n{done.stderr[-3000:]}")
        elif done.returncode in (0, 2) and (self.folder / "out/made").read_text().strip() != word:
            self.complaints.append(f"{name}: the output is not what was built")
        self._nothing_left(before)

    def _names(self) -> set[str]:
        return {path.name for path in self.folder.iterdir()}

    def _nothing_left(self, before: set[str]) -> None:
        if left := self._names() - before - {"out", "base.tar"}:
            self.complaints.append(f"left over: {sorted(left)}")

    def run(self, seconds: float) -> None:
        """Rounds in a random order, each kind at least once."""
        kinds = [self.works, self.fails, self.is_interrupted, self.is_cut, self.is_refused]
        end = time.monotonic() + seconds
        while time.monotonic() < end or min(self.rounds[kind.__name__] for kind in kinds) == 0:
            fewest = min(self.rounds[kind.__name__] for kind in kinds)
            kind = self.chosen.choice([one for one in kinds if self.rounds[one.__name__] <= fewest])
            kind()
            self.rounds[kind.__name__] += 1
            if len(self.complaints) >= 5:
                return
        if left := _processes(self.environment["HOME"]):
            self.complaints.append(f"processes left over: {sorted(left)}")
        self._look_for_leaks()

    def _look_for_leaks(self) -> None:
        self.kept = leaks.kept(self.engine.host, BUILDS)
        for number, kept in enumerate(self.kept, 1):
            if kept.threads or kept.files:
                self.complaints.append(f"build {number} of one process left {kept.threads}, {kept.files}")
        first, last = self.kept[WARM].memory, self.kept[-1].memory
        if last - first > LEAK * (BUILDS - WARM):
            self.complaints.append(f"memory piles up: {[one.memory for one in self.kept]}")


def _processes(home: str) -> set[str]:
    """The command lines of all processes that were started with that home folder."""
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if f"HOME={home}\0".encode() in (folder / "environ").read_bytes():
                found.add((folder / "cmdline").read_text().replace("\0", " "))
    return found


def _word() -> str:
    return os.urandom(8).hex()


def soak(tools: Tools, seconds: float, seed: int) -> Soak:
    """Run for that long; gives what happened."""
    with ExitStack() as stack:
        work = Path(stack.enter_context(tempfile.TemporaryDirectory()), "project")
        engine = stack.enter_context(Engine(tools))
        engine.hold_base()
        relay = stack.enter_context(Relay(engine.socket))
        registry = stack.enter_context(Registry(tools))
        faulty = stack.enter_context(FaultyRegistry(registry.address))
        shutil.copytree(tools.rootfs, work / "rootfs", symlinks=True)
        made = Soak(work, engine, relay, faulty, random.Random(seed))
        create = [tools.program("docker-buildx"), "create", "--name=far", "--driver=remote", relay.endpoint]
        subprocess.run(create, env=made.environment, check=True, capture_output=True)
        made.run(seconds)
        return made


def main() -> int:
    seed = int(os.environ.get("SOAK_SEED", str(int(time.time()))))
    found = soak(obtain(), float(os.environ.get("SOAK_SECONDS", SECONDS)), seed)
    rounds = ", ".join(f"{count} {name}" for name, count in sorted(found.rounds.items()))
    print(f"soak with seed {seed}: {rounds}")
    print(f"after {len(found.kept)} builds in one process: {found.kept[-1:]}")
    for complaint in found.complaints:
        print(complaint, file=sys.stderr)
    return bool(found.complaints)


if __name__ == "__main__":
    sys.exit(main())
