"""A BuildKit client without BuildKit: it follows `bake.buildkit.client.Client`'s contract for builds.

What a build does is scripted by target: `Script(fails=[error, None])` fails once and then succeeds;
`waits` holds it at a phase until the test opens the gate. Everything that happens is in `journal`.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bake.errors import CanceledError
from bake.progress import SolveStatus, Vertex
from bake.solve import SolveResult

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bake.buildkit.solve import Request
    from bake.buildkit.stream import Methods
    from bake.errors import BakeError
    from bake.solve import InlineTree, LocalTree

PATIENCE = 60.0
"""Seconds after which a wait in a test counts as locked up."""


@dataclass
class Script:
    """What the builds of one target do: `fails` are the errors of its attempts, in `phase` each.

    `gate` holds it before its last phase. Who is `deaf` does not hear a cancel.
    """

    fails: list[BakeError | None] = field(default_factory=list)
    phase: str = "evaluate"
    response: Mapping[str, str] = field(default_factory=dict)
    gate: threading.Event | None = None
    deaf: bool = False


class FakeSession:
    def __init__(self, identity: str, methods: Methods) -> None:
        self.id = identity
        self.methods = methods
        self.closed = False

    def close(self) -> None:
        self.closed = True


class FakeShared:
    """Shared files: one session for each tree, so that what is served by whom can be told."""

    def __init__(self, session: FakeSession) -> None:
        self.first = session
        self.asked: list[Mapping[str, LocalTree | InlineTree]] = []

    def attrs(self, wanted: Mapping[str, LocalTree | InlineTree]) -> dict[str, str]:
        self.asked.append(wanted)
        return {f"local-sessionid:{name}": self.first.id for name in wanted}

    def mend(self) -> None:
        """Nothing of a fake breaks."""

    def close(self) -> None:
        self.first.close()


class FakeSolve:
    """A running build, with the phases of `bake.buildkit.solve.RunningSolve`."""

    def __init__(self, client: FakeClient, request: Request, error: BakeError | None) -> None:
        self.ref = f"ref-{request.solve.target}"
        self.request = request
        self._client = client
        self._error = error
        self._script = client.scripts[request.solve.target]
        self._registered, self._released = threading.Event(), threading.Event()
        self._evaluated, self._ended = threading.Event(), threading.Event()
        self._exporting = threading.Event()
        self.held = request.held
        self._canceled = threading.Event()
        self._ran = False
        self.heirs: list[FakeSolve] = []
        if not request.solve.linked:
            self._released.set()
        if not request.held:
            self._exporting.set()

    def run(self) -> None:
        try:
            self._pass("register", self._registered)
            self._wait(self._released)
            for parent in self.request.inputs.values():
                self._wait(parent._evaluated)
            if self._script.gate:
                self._wait(self._script.gate)
            self._fail_in("evaluate")
            self._ran = True
            self._pass("evaluated", self._evaluated)
            for heir in self.heirs:
                self._wait(heir._evaluated)
            self._wait(self._exporting)
            self._fail_in("export")
        except _StoppedError:
            self._error = CanceledError()
        except _FailedError:
            pass
        else:
            self._error = None
        self._client.note("end", self.request.solve.target)
        for phase in (self._registered, self._released, self._evaluated, self._ended):
            phase.set()

    def _pass(self, what: str, phase: threading.Event) -> None:
        self._fail_in(what)
        if self._canceled.is_set():
            raise _StoppedError
        self._client.note(what, self.request.solve.target)
        phase.set()

    def _fail_in(self, phase: str) -> None:
        if self._error and self._script.phase == phase:
            raise _FailedError

    def _wait(self, event: threading.Event) -> None:
        for _ in range(int(PATIENCE / 0.005)):
            if self._canceled.is_set():
                raise _StoppedError
            if event.wait(0.005):
                return
        raise AssertionError("locked up")

    def linked(self) -> object:
        assert self._registered.wait(PATIENCE)
        if self._ended.is_set() and self._error and not self._ran:
            raise self._error
        return object()

    def evaluated(self) -> bool:
        assert self._evaluated.wait(PATIENCE)
        return self._ran

    def release(self) -> None:
        self._client.note("release", self.request.solve.target)
        self._released.set()

    def export(self) -> None:
        self._client.note("export", self.request.solve.target)
        self._exporting.set()

    def cancel(self) -> None:
        self._client.note("cancel", self.request.solve.target)
        if not self._script.deaf:
            self._canceled.set()

    def wait(self) -> SolveResult:
        assert self._ended.wait(PATIENCE)
        if self._error:
            raise self._error
        return SolveResult(self.request.solve.key, self.ref, self._script.response)


class _StoppedError(Exception):
    pass


class _FailedError(Exception):
    pass


class FakeClient:
    """One node. `journal` holds (what, target) in order: start, register, release, evaluated,
    export, cancel, end."""

    def __init__(self, **scripts: Script) -> None:
        self.gone: BakeError | None = None
        """What asking it says, once it is no longer there."""
        self.scripts: defaultdict[str, Script] = defaultdict(Script, scripts)
        self.journal: list[tuple[str, str]] = []
        self.requests: list[Request] = []
        self.shared: list[FakeShared] = []
        self.running: set[str] = set()
        self._lock = threading.Lock()

    def note(self, what: str, target: str) -> None:
        with self._lock:
            self.journal.append((what, target))

    def info(self) -> None:
        if self.gone:
            raise self.gone

    def happened(self, what: str) -> list[str]:
        """The targets to which `what` happened, in order."""
        return [target for kind, target in self.journal if kind == what]

    def start(self, request: Request) -> FakeSolve:
        target = request.solve.target
        script = self.scripts[target]
        error = script.fails.pop(0) if script.fails else None
        self.note("start", target)
        self.requests.append(request)
        solve = FakeSolve(self, request, error)
        for parent in request.inputs.values():
            parent.heirs.append(solve)  # type: ignore[attr-defined]
        request.on_status(SolveStatus(vertexes=(Vertex(f"sha256:{target}", f"step of {target}"),)))
        threading.Thread(target=solve.run, daemon=True).start()
        return solve

    def share_files(
        self,
        wanted: Sequence[Mapping[str, LocalTree | InlineTree]],
        serve: Callable[[Mapping[str, LocalTree | InlineTree]], Methods],
        *,
        node_id: str = "",
    ) -> FakeShared:
        trees = {name: tree for one in wanted for name, tree in one.items()}
        shared = FakeShared(FakeSession(f"shared{node_id}", serve(trees)))
        self.shared.append(shared)
        return shared
