"""`python -m tools.bench.nodes`: independent targets on one node and on three, and a second run.

Prints times and their ratio, and on which nodes the second run found the caches of the first. Each node is an
engine of its own behind a relay; all share this machine, so the steps only sleep.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tools.engine.dockerd import Engine
from tools.engine.packages import obtain
from tools.engine.relay import Relay

TARGETS = 40
AT_ONCE = 4
NODES = 3
SLEEP = float(os.environ.get("PYBAKE_BENCH_SLEEP", "6"))


def main() -> None:
    tools = obtain()
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        shutil.copytree(tools.rootfs / "amd64", folder / "rootfs", symlinks=True)
        relays = []
        for _ in range(NODES):
            engine = stack.enter_context(Engine(tools))
            relays.append(stack.enter_context(Relay(engine.socket)))
        bench = Bench(folder)
        bench.create("one", relays[:1])
        bench.create("three", relays)
        print(f"{TARGETS} targets that sleep {SLEEP:g} s, at most {AT_ONCE} at a time on each node")
        bench.bake("one", "warm up", words="warm")
        bench.bake("three", "warm up", words="warm")
        one, _ = bench.bake("one", "one node", words="first")
        three, first = bench.bake("three", "three nodes", words="second")
        _, second = bench.bake("three", "three nodes again", words="second")
        print(f"ratio {three / one:.2f}; targets by node {dict(Counter(first.values()))}")
        print(
            f"{sum(first[name] == node for name, node in second.items())} of {TARGETS} where their cache is"
        )


class Bench:
    """`pybake` in `folder`, with a store of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "DOCKER_HOST": f"unix://{folder}/none.sock",
        }

    def create(self, name: str, relays: list[Relay]) -> None:
        for at, relay in enumerate(relays):
            more = ["--append"] if at else []
            self._run("create", "--name", name, "--driver=remote", *more, f"--node=node{at}", relay.endpoint)

    def bake(self, builder: str, title: str, *, words: str) -> tuple[float, dict[str, str]]:
        """Seconds, and the node of each target."""
        sleep = 0 if words == "warm" else SLEEP
        dockerfile = f"FROM scratch\nCOPY rootfs/ /\nARG NAME\nRUN sleep {sleep} && echo $NAME {words}\n"
        targets = {
            f"t{at}": {
                "dockerfile-inline": dockerfile,
                "args": {"NAME": f"t{at}"},
                "output": ["type=cacheonly"],
            }
            for at in range(TARGETS)
        }
        document = {"target": targets, "group": {"default": {"targets": list(targets)}}}
        (self.folder / "docker-bake.json").write_text(json.dumps(document))
        started = time.monotonic()
        limit = f"--jobs-per-node={AT_ONCE}"
        self._run("bake", f"--builder={builder}", limit, "--progress=quiet", "--metadata-file=meta.json")
        seconds = time.monotonic() - started
        print(f"{title:20}{seconds:7.1f} s", flush=True)
        found = json.loads((self.folder / "meta.json").read_text())
        return seconds, {name: one["buildx.build.ref"].split("/")[1] for name, one in found.items()}

    def _run(self, *words: str) -> None:
        subprocess.run(
            [str(Path(sys.executable).parent / "pybake"), *words],
            cwd=self.folder,
            env=self.environment,
            check=True,
            stdout=subprocess.DEVNULL,
        )


if __name__ == "__main__":
    main()
