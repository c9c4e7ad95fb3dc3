"""One scenario: a small project, how it is baked, and what both tools are to say of it."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from tests.engine.scenarios.world import World

    Prepare = Callable[["World", Path], None]

EPOCH = 1_600_000_000
PINNED = {"SOURCE_DATE_EPOCH": str(EPOCH)}
"""Together with `rewrite-timestamp=true`: the same digests whoever builds, and whenever."""

BOTH = ["linux/amd64", "linux/arm64"]
BASE = "FROM @registry@/base:1\n"
"""A root file system with a shell, for two platforms."""

PLAIN = "type=provenance,disabled=true"
"""An attestation that is none: images are then the same bytes in each build."""

COPY = "FROM scratch\nCOPY word /\n"


@dataclass(frozen=True)
class Scenario:
    """A project and a command line.

    `targets` become `docker-bake.json`, unless `files` has a bake file. Everywhere `@registry@`, `@server@`
    and `@folder@` stand for the registry's address, the file server's URL and the project's folder.
    `command` is what both tools are asked for, with `words` and, on standard input, `stdin`.
    `code` is the exit code and `says` are pieces of standard error that both have to give.
    `empty` says that nothing is made. `refused` is what the reference says where it fails alone.
    """

    name: str
    targets: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    words: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    prepare: Prepare | None = None
    builder: str = ""
    code: int = 0
    says: tuple[str, ...] = ()
    empty: bool = False
    refused: str = ""
    hides: tuple[str, ...] = ()
    """Parts of facts' paths that are not compared, each with its reason beside it."""
    command: str = "bake"
    stdin: bytes = b""

    def write(self, world: World, folder: Path) -> None:
        """Make the project in `folder`, every time in the same way and of the same age."""
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        files = {"word": "word\n", "Dockerfile": COPY, **self.files}
        if not any(name.startswith("docker-bake.") for name in files):
            files["docker-bake.json"] = self._definition()
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(world.filled(text, folder))
        if self.prepare:
            self.prepare(world, folder)
        age(folder)

    def _definition(self) -> str:
        made = {name: dict(fields) for name, fields in self.targets.items()}
        default = {"group": {"default": {"targets": sorted(made)}}} if "default" not in made else {}
        return json.dumps({"target": made, **default}, indent=2).replace("${", "$${")


def age(folder: Path) -> None:
    """Give everything below `folder` one time of change."""
    for path in (*folder.rglob("*"), folder):
        os.utime(path, (EPOCH, EPOCH), follow_symlinks=False)
