"""What the client's engine tests share: a client of an engine, projects, and builds started with them."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from bake.buildkit.client import Client
from bake.buildkit.endpoint import Engine, parse
from bake.buildkit.services import filesync
from bake.buildkit.solve import Request, RunningSolve
from bake.solve import InlineTree, LocalTree, Solve, SolveKey
from tests.engine.processes import PATIENCE, until

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bake.buildkit.client import Trees
    from bake.buildkit.stream import Methods
    from bake.progress import SolveStatus, Vertex
    from bake.solve import SolveResult
    from tools.engine.dockerd import Engine as RealEngine

BASE = """\
FROM scratch
ARG TARGETARCH
COPY rootfs/${TARGETARCH}/ /
"""


@contextmanager
def connected(engine: RealEngine) -> Iterator[Client]:
    client = Client(Engine(parse(engine.host)))
    try:
        yield client
    finally:
        client.close()


@dataclass
class Seen:
    """The status of one build, as it came, and a way to wait for a line of a step's output."""

    statuses: list[SolveStatus] = field(default_factory=list)
    _news: threading.Condition = field(default_factory=threading.Condition)

    def __call__(self, status: SolveStatus) -> None:
        with self._news:
            self.statuses.append(status)
            self._news.notify_all()

    def wait_for_output(self, text: str) -> None:
        with self._news:
            assert self._news.wait_for(lambda: text in self.output, PATIENCE), self.output

    @property
    def output(self) -> str:
        return b"".join(log.data for status in self.statuses for log in status.logs).decode()

    @property
    def steps(self) -> dict[str, Vertex]:
        """The last news of each step, by name; internal ones left out."""
        found = {vertex.name: vertex for status in self.statuses for vertex in status.vertexes}
        return {name: vertex for name, vertex in found.items() if not name.startswith("[internal]")}


@dataclass
class Project:
    """A folder of this machine and an inline Dockerfile, built with one client. Every build of it shares
    one file session, unless it has methods of its own."""

    client: Client
    folder: Path

    def start(
        self,
        dockerfile: str,
        *,
        name: str = "app",
        seen: Seen | None = None,
        methods: Methods | None = None,
        inputs: Mapping[str, RunningSolve] | None = None,
        **fields: object,
    ) -> RunningSolve:
        """Start a build; `fields` are `Solve`'s."""
        trees: Trees = {
            "context": LocalTree(str(self.folder)),
            "dockerfile": InlineTree({"Dockerfile": dockerfile.encode()}),
        }
        solve = Solve(SolveKey(name), name, "node", locals=trees, **fields)  # type: ignore[arg-type]
        served = {**filesync.methods(trees), **(methods or {})}
        return self.client.start(
            Request(solve, methods=served, on_status=seen or Seen(), inputs=inputs or {})
        )

    def build(self, dockerfile: str, **fields: object) -> SolveResult:
        return self.start(dockerfile, **fields).wait()  # type: ignore[arg-type]


def until_no_process_has(word: str) -> None:
    """Wait until the machine runs nothing with `word` on its command line."""
    until(lambda: not any(word in line for line in _command_lines()), f"`{word}` still runs")


def until_no_thread_solves() -> None:
    """Wait until none of this process's threads works for a build: the last step of each is to say so."""

    def solving() -> list[str]:
        return [one.name for one in threading.enumerate() if one.name.startswith("solve")]

    until(lambda: not solving(), "a thread of a build still runs")


def until_unused(client: Client, description: str = "") -> None:
    """Wait until BuildKit holds its record so described, or any, no longer: it lets go some time after the
    build. It has also measured them all by then, for which it would hold them a moment."""

    def is_unused() -> bool:
        records = [one for one in client.disk_usage() if description in one.description]
        return bool(records) and not any(one.in_use for one in records)

    until(is_unused, f"a record with `{description}` is in use, or there is none")


def _command_lines() -> Iterator[str]:
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            yield process.read_text(errors="replace").replace("\0", " ")
        except OSError:
            continue
