"""Where a private engine lives: its cache, its socket, and how one sees whether it is there.

The runtime folder holds what is gone with the engine: `kept` (locked by the keeper for as long as it
lives), `starting` (locked while somebody starts it), `engine.sock`, `log`, and `keeper`, which says who
keeps what. It is short, for sockets have 108 characters, and belongs to its person alone.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import stat
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from bake.builder.local import programs
from bake.errors import BuilderError
from bake.record import record

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bake.builder.site import Site
    from bake.node import Node

END_SECONDS = 45.0
"""How long an engine has to stop."""
_PAUSE = 0.05
_TAIL = 3000


@record
class Place:
    """`data` holds the cache, `runtime` the rest; both absolute."""

    data: str
    runtime: str

    @property
    def socket(self) -> str:
        return os.path.join(self.runtime, "engine.sock")

    @property
    def log(self) -> str:
        return os.path.join(self.runtime, "log")

    @property
    def config(self) -> str:
        return os.path.join(self.runtime, "daemon.json")

    @property
    def program(self) -> str:
        """What runs there, "" for nothing."""
        return str(self._record().get("program", "")) if self.is_kept() else ""

    def make(self) -> None:
        """Raises BuilderError for folders that cannot be had, or are somebody else's."""
        try:
            os.makedirs(self.data, mode=0o700, exist_ok=True)
            os.makedirs(self.runtime, mode=0o700, exist_ok=True)
            for folder in (self.runtime, os.path.dirname(self.runtime)):
                _check_own(folder)
        except OSError as exc:
            raise BuilderError(
                "The private engine's folder cannot be used", detail=f"`{exc.filename}`: {exc.strerror}"
            ) from exc

    def answers(self) -> bool:
        """Whether somebody accepts connections on the socket."""
        import socket

        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(1.0)
            try:
                probe.connect(self.socket)
            except OSError:
                return False
        return True

    def is_kept(self) -> bool:
        """Whether a keeper lives."""
        try:
            with open(os.path.join(self.runtime, "kept"), "rb") as file:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return False

    @contextmanager
    def starting(self, patience: float) -> Iterator[None]:
        """Nobody else starts or stops it. Raises BuilderError if somebody does so for too long."""
        self.make()
        deadline = time.monotonic() + patience
        with open(os.path.join(self.runtime, "starting"), "wb") as file:
            while not _locked(file.fileno()):
                if time.monotonic() > deadline:
                    raise BuilderError("The private engine is busy", detail=f"`{self.runtime}` stays locked")
                time.sleep(_PAUSE)
            yield

    def end(self) -> None:
        """Stop what is kept, if anything is. Raises BuilderError if it does not end."""
        deadline = time.monotonic() + END_SECONDS
        asked: set[int] = set()
        while self.is_kept():
            pids = self._pids()
            _end_first(pids, self.runtime, asked)
            if time.monotonic() > deadline:
                raise BuilderError(
                    "The private engine does not stop",
                    detail=f"processes {', '.join(map(str, pids)) or 'unknown'}; see `{self.log}`",
                )
            time.sleep(_PAUSE)

    def clear(self, *, keep_data: bool) -> None:
        """Remove the folders of an engine that has ended."""
        for folder in (self.runtime,) if keep_data else (self.runtime, self.data):
            shutil.rmtree(folder, ignore_errors=True)

    def tail(self) -> str:
        """The end of the engine's log."""
        try:
            with open(self.log, encoding="utf-8", errors="replace") as file:
                return file.read()[-_TAIL:].strip()
        except OSError:
            return ""

    def _pids(self) -> list[int]:
        pids = self._record().get("pids")
        return [pid for pid in pids if isinstance(pid, int)] if isinstance(pids, list) else []

    def _record(self) -> Mapping[str, object]:
        try:
            with open(os.path.join(self.runtime, "keeper"), "rb") as file:
                found = json.load(file)
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}


def of(site: Site, node: Node) -> Place:
    """The place of a node."""
    environment = site.host.environment
    home = site.host.home or "/"
    shared = environment.get("XDG_DATA_HOME") or os.path.join(home, ".local", "share")
    data = programs.parse(node).root or os.path.join(shared, "pybake", "engines", node.name)
    base = environment.get("XDG_RUNTIME_DIR")
    parent = os.path.join(base, "pybake") if base else f"/tmp/pybake-{os.geteuid()}"
    return Place(data, os.path.join(parent, f"{node.name[:16]}-{_digest(data)}"))


def _digest(text: str) -> str:
    from hashlib import sha256

    return sha256(text.encode()).hexdigest()[:8]


def _end_first(pids: Sequence[int], folder: str, asked: set[int]) -> None:
    """Ask the first that lives to end: the keeper, else the engine that it has left. Both work in `folder`,
    and whoever has got the number of one that died does not. Each is asked once: dockerd leaves everything
    as it is when it is asked three times."""
    for pid in pids:
        with suppress(OSError):
            if os.path.samefile(f"/proc/{pid}/cwd", folder):
                if pid not in asked:
                    os.kill(pid, signal.SIGTERM)
                    asked.add(pid)
                return


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _check_own(folder: str) -> None:
    """A folder under /tmp may have been put there by somebody else."""
    status = os.lstat(folder)
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid():
        raise PermissionError(1, "it belongs to somebody else", folder)
