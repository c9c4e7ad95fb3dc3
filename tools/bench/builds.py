"""Builds against `docker buildx`, on one engine: cached ones, uploads of contexts, exports to folders."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from tools.bench.pairs import race
from tools.engine.dockerd import Engine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tools.bench.pairs import Pair
    from tools.bench.setting import Setting

MIB = 1 << 20
BIG = {f"file{number}": 64 * MIB for number in range(8)}
QUIET = "--progress=quiet"


@dataclass(frozen=True)
class Tree:
    """A context: what it is called, and how it is written into a folder."""

    name: str
    write: Callable[[Path], None]


def run(setting: Setting) -> Iterator[tuple[str, Pair]]:
    """Every row, on an engine that runs for it alone."""
    with Engine(setting.tools) as engine:
        setting = replace(setting, environment={**setting.environment, "DOCKER_HOST": engine.host})
        yield from _cached(setting)
        yield from _uploads(setting)
        yield from _exports(setting)


def _cached(setting: Setting) -> Iterator[tuple[str, Pair]]:
    for targets in (1, 50):
        folder = setting.work / f"cached-{targets}"
        folder.mkdir()
        (folder / "Dockerfile").write_text(
            "FROM scratch\nARG NUMBER\nLABEL number=${NUMBER}\nCOPY Dockerfile /\n"
        )
        names = [f"t{number}" for number in range(targets)]
        blocks = "".join(
            f'target "{name}" {{\n  args = {{ NUMBER = "{name}" }}\n  tags = ["{name}:latest"]\n}}\n'
            for name in names
        )
        group = ", ".join(f'"{name}"' for name in names)
        (folder / "docker-bake.hcl").write_text(f'group "default" {{ targets = [{group}] }}\n{blocks}')
        pair = race(setting.ours("bake", QUIET), setting.theirs("bake", QUIET), str(folder), setting.rounds)
        yield f"cached build, {targets} target{'s' * (targets > 1)}", pair


def _uploads(setting: Setting) -> Iterator[tuple[str, Pair]]:
    words = ("build", QUIET, "--output=type=cacheonly", ".")
    few = max(3, setting.rounds // 3)
    for tree in (
        Tree("512 MiB in 8 files", _write_big),
        Tree("20,000 files", partial(_write_small, count=20_000)),
    ):
        folder = setting.work / tree.name.replace(" ", "-")
        folder.mkdir()
        tree.write(folder)
        (folder / "Dockerfile").write_text("FROM scratch\nCOPY . /\n")
        forget = partial(_forget, setting)
        cold = race(
            setting.ours(*words, prepare=forget), setting.theirs(*words, prepare=forget), str(folder), few
        )
        yield f"upload, {tree.name}", cold
        yield f"unchanged, {tree.name}", race(setting.ours(*words), setting.theirs(*words), str(folder), few)
        shutil.rmtree(folder)
        forget()


def _exports(setting: Setting) -> Iterator[tuple[str, Pair]]:
    words = ("build", QUIET, "--output=type=local,dest=out", "context")
    few = max(3, setting.rounds // 3)
    trees = (
        Tree("5,000 files", partial(_write_small, count=5_000)),
        Tree("one of 512 MiB", lambda folder: _write(folder / "file", 512 * MIB)),
    )
    for tree in trees:
        folder = setting.work / tree.name.replace(" ", "-")
        (folder / "context").mkdir(parents=True)
        tree.write(folder / "context")
        (folder / "context" / "Dockerfile").write_text("FROM scratch\nCOPY . /\n")
        clean = partial(shutil.rmtree, folder / "out", ignore_errors=True)
        pair = race(
            setting.ours(*words, prepare=clean), setting.theirs(*words, prepare=clean), str(folder), few
        )
        yield f"local export, {tree.name}", pair
        shutil.rmtree(folder)


def _forget(setting: Setting) -> None:
    """Make the engine forget what it was sent."""
    contestant = setting.theirs("prune", "--all", "--force")
    subprocess.run(contestant.words, env=dict(contestant.environment), check=True, capture_output=True)


def _write_big(folder: Path) -> None:
    for name, size in BIG.items():
        _write(folder / name, size)


def _write(path: Path, size: int) -> None:
    """Bytes that no compression shortens, and that are quickly made."""
    block = os.urandom(MIB)
    with path.open("wb") as file:
        for number in range(size // MIB):
            file.write(number.to_bytes(8, "big") + block[8:])


def _write_small(folder: Path, count: int) -> None:
    for number in range(count):
        part = folder / f"d{number // 200:03}"
        part.mkdir(exist_ok=True)
        (part / f"f{number}").write_bytes(b"%d\n" % number * 50)
