"""Numbered places for what runs on this machine: a folder, a bridge and a control group each.

Who holds a place's lock owns all that carries its number. The kernel lets go of the lock when the
holder dies, and whoever takes the place next sweeps it first, so nothing can be left for good.
"""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bake.builder.local import bridge
from tools.engine.locks import try_lock
from tools.engine.machine import STATE, ToolError

if TYPE_CHECKING:
    from collections.abc import Collection

PLACES = range(1, 200)
CGROUPS = Path("/sys/fs/cgroup")


@dataclass(frozen=True)
class Slot:
    """One place. Its names are short: a socket's path holds 107 bytes, an interface's name 15."""

    number: int

    @property
    def folder(self) -> Path:
        """Holds everything that the place's process writes."""
        return STATE / str(self.number)

    @property
    def log(self) -> Path:
        """What the place's process prints."""
        return self.folder / "log"

    @property
    def bridge(self) -> str:
        """The name of the place's network bridge."""
        return f"pybake{self.number}"

    @property
    def address(self) -> str:
        """The bridge's address, from the range that RFC 2544 keeps out of every real network."""
        return f"198.18.{self.number}.1"

    @property
    def cgroup(self) -> str:
        """The control group below which containers run."""
        return f"/pybake-tools-{self.number}"

    def sweep(self) -> None:
        """Remove all that carries the place's number; its processes must be gone."""
        bridge.remove(self.bridge)
        shutil.rmtree(self.folder, ignore_errors=True)
        name = self.cgroup.lstrip("/")
        for root in (*CGROUPS.glob(name), *CGROUPS.glob(f"*/{name}")):
            for group in sorted(root.rglob("*/"), reverse=True):
                with suppress(OSError):
                    group.rmdir()
            with suppress(OSError):
                root.rmdir()


def take(places: Collection[int] = PLACES) -> tuple[Slot, int]:
    """A free place of these, swept, with an empty folder, and the descriptor that holds its lock."""
    for number in places:
        held = try_lock(STATE / f"{number}.lock")
        if held is not None:
            slot = Slot(number)
            slot.sweep()
            # A process that is dying this moment may still hold its folder: leave it the place.
            with suppress(FileExistsError):
                slot.folder.mkdir(mode=0o755)
                return slot, held
            os.close(held)
    raise ToolError(f"All {len(places)} places under {STATE} are taken.")
