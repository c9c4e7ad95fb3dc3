"""The client of one BuildKit: builds, file sessions, housekeeping, history.

Takes an `Endpoint`; connects when first asked to do something, and again after the connection was lost.
One connection carries all builds. It knows no targets and no particular service: what a session serves
is handed in as `Methods`. Every failure is a BuilderError that names the endpoint.
"""

from __future__ import annotations

import posixpath
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from bake.buildkit import errors
from bake.buildkit.session import attach
from bake.buildkit.stream import RpcError
from bake.buildkit.watch import TICK, Watch
from bake.solve import LocalTree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from typing import TypeAlias

    from bake.buildkit.browse import Browser
    from bake.buildkit.control import Prune, UsageRecord, Version, Worker
    from bake.buildkit.endpoint import Endpoint
    from bake.buildkit.grpc import Channel
    from bake.buildkit.history import HistoryEvent, Query, Update
    from bake.buildkit.http2 import Connection
    from bake.buildkit.session import Session
    from bake.buildkit.solve import Request, RunningSolve
    from bake.buildkit.stream import Methods
    from bake.progress import SolveStatus
    from bake.solve import InlineTree, Solve, SolveResult

    Trees: TypeAlias = Mapping[str, LocalTree | InlineTree]

T = TypeVar("T")

CROWD = 8
"""Builds that may start at once before their status is asked for later: opened together with the Solves,
fifty status streams slowed the daemon by half."""
STATUS_DELAY = 0.15
ANSWER_SECONDS = 30.0
"""How long BuildKit may take for what it knows at once."""


class SharedFiles:
    """Open sessions that serve the trees of many builds. A local name stands for one tree in a session,
    so the first tree called `context` is served by the first session, the second by the second, …"""

    def __init__(self, trees: Sequence[Trees], attach: Callable[[Trees, str], Session]) -> None:
        """`attach` opens a session for a table of trees, under an id unless that is ""."""
        self._trees = trees
        self._attach = attach
        self._sessions = [attach(table, "") for table in trees]

    @property
    def first(self) -> Session:
        """A session that builds without one of their own may name."""
        return self._sessions[0]

    def attrs(self, wanted: Trees) -> dict[str, str]:
        """The attributes that send BuildKit to the sessions which serve `wanted`. Raises KeyError for a
        tree that was not shared."""
        return {f"local-sessionid:{name}": self._serving(name, tree).id for name, tree in wanted.items()}

    def _serving(self, name: str, tree: LocalTree | InlineTree) -> Session:
        for trees, session in zip(self._trees, self._sessions, strict=True):
            if trees.get(name) == tree:
                return session
        raise KeyError(name)

    def mend(self) -> None:
        """Open again what was lost, under the same ids: results that were made before still name them.

        Raises BuilderError.
        """
        for number, (trees, session) in enumerate(zip(self._trees, self._sessions, strict=True)):
            if session.lost:
                session.close()
                self._sessions[number] = self._attach(trees, session.id)

    def close(self) -> None:
        for session in self._sessions:
            session.close()


def lay_out(wanted: Iterable[Trees]) -> list[dict[str, LocalTree | InlineTree]]:
    """The fewest tables of trees that hold all `wanted` ones, each name once in a table; at least one."""
    tables: list[dict[str, LocalTree | InlineTree]] = [{}]
    for name, tree in (item for trees in wanted for item in trees.items()):
        if any(table.get(name) == tree for table in tables):
            continue
        table = next((table for table in tables if name not in table), None)
        if table is None:
            tables.append(table := {})
        table[name] = tree
    return tables


class Client:
    """One BuildKit. Any thread may call any method; `tick` is how often to look whether it still speaks."""

    def __init__(self, endpoint: Endpoint, *, tick: float = TICK) -> None:
        self._endpoint = endpoint
        self._lock = threading.Lock()
        self._channel: Channel | None = None
        self._running: list[RunningSolve] = []
        self._sessions: list[Session] = []
        self._watch = Watch(self._connections, lambda: any(not one.ended for one in self._running), tick)

    @property
    def name(self) -> str:
        """What messages call it: its endpoint's address."""
        return self._endpoint.name

    def close(self) -> None:
        """Close the connection; builds still running end with an error."""
        with self._lock:
            channel, self._channel = self._channel, None
        self._watch.stop()
        if channel:
            channel.connection.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def info(self) -> Version:
        from bake.buildkit import control

        with self._asking("say its version", ANSWER_SECONDS) as channel:
            return control.info(channel)

    def workers(self, filters: Sequence[str] = ()) -> list[Worker]:
        from bake.buildkit import control

        with self._asking("list its workers", ANSWER_SECONDS) as channel:
            return control.workers(channel, filters)

    def disk_usage(self, filters: Sequence[str] = ()) -> list[UsageRecord]:
        from bake.buildkit import control

        with self._asking("list its cache") as channel:
            return control.disk_usage(channel, filters)

    def prune(self, what: Prune) -> Iterator[UsageRecord]:
        """Prune the cache, giving each record as it goes."""
        from bake.buildkit import control

        with self._asking("prune its cache") as channel:
            yield from control.prune(channel, what)

    def history(self, query: Query) -> Iterator[HistoryEvent]:
        from bake.buildkit import history

        with self._asking("list its builds") as channel:
            yield from history.listen(channel, query)

    def history_logs(self, ref: str) -> Iterator[SolveStatus]:
        """What the build `ref` reported."""
        from bake.buildkit import history

        with self._asking(f"tell of the build `{ref}`") as channel:
            yield from history.logs(channel, ref)

    def update_history(self, change: Update) -> None:
        from bake.buildkit import history

        with self._asking(f"change the build `{change.ref}`") as channel:
            history.update(channel, change)

    def delete_history(self, ref: str) -> None:
        from bake.buildkit.history import Update

        self.update_history(Update(ref, delete=True))

    def read_blob(self, digest: str) -> bytes:
        """A blob of the history: logs, attestations, traces."""
        from bake.buildkit import history

        with self._asking(f"read the blob `{digest}`") as channel:
            return b"".join(history.read_blob(channel, digest))

    def export_spans(self, request: bytes) -> None:
        """Hand OpenTelemetry's spans (a serialized ExportTraceServiceRequest) to BuildKit's own tracing."""
        with self._asking("take spans") as channel:
            channel.unary("/opentelemetry.proto.collector.trace.v1.TraceService/Export", request)

    def open_session(self, methods: Methods, *, shared_key: str = "", identity: str = "") -> Session:
        """A session that serves `methods` until it is closed; under an id of its own without `identity`."""
        with self._asking("open a session") as channel:
            session = attach(self._endpoint, channel, methods, shared_key=shared_key, identity=identity)
        with self._lock:
            self._sessions = [one for one in self._sessions if not one.lost] + [session]
        return session

    def share_files(
        self, wanted: Iterable[Trees], serve: Callable[[Trees], Methods], *, node_id: str = ""
    ) -> SharedFiles:
        """Open the sessions that serve the trees of many builds, given by each build's local names.

        `serve` makes the methods for one table of trees. `node_id` names this machine, stable over time:
        with the context's own name it tells BuildKit which of its copies of a context to update.
        """

        def open_one(table: Trees, identity: str) -> Session:
            key = shared_key(table, node_id)
            return self.open_session(serve(table), shared_key=key, identity=identity)

        return SharedFiles(lay_out(wanted), open_one)

    def browse(self, methods: Methods, work: Callable[[Browser], T], what: str = "remote files") -> T:
        """What `work` gives, which reads files that BuildKit fetches meanwhile; `methods` are served to it.

        Raises BuilderError, which calls them `what`, and whatever `work` raises.
        """
        from bake.buildkit.browse import browse

        with self._asking(f"read {what}") as channel:
            session = attach(self._endpoint, channel, methods)
            try:
                return browse(channel, session.id, work)
            finally:
                session.close()

    def start(self, request: Request) -> RunningSolve:
        """Start a build. Blocks only until the solves that it links to have registered.

        Raises BuilderError if BuildKit cannot be reached, UsageError for a malformed source policy, and
        the error of a solve it links to.
        """
        from bake.buildkit.solve import Connected, RunningSolve

        with self._asking("build") as channel:
            owned = bool(request.methods) or request.session is None
            session = request.session
            if owned or session is None:
                session = self.open_session(request.methods, shared_key=request.solve.shared_key)
            running = RunningSolve(request, Connected(channel, self.name, session, owned))
            try:
                running.start(self._status_delay(running))
            except BaseException:
                if owned:
                    session.close()
                raise
            self._watch.begin()
            return running

    def _connections(self) -> list[Connection]:
        with self._lock:
            own = [self._channel.connection] if self._channel else []
            return own + [one.connection for one in self._sessions]

    def solve(
        self,
        solve: Solve,
        methods: Methods | None = None,
        on_status: Callable[[SolveStatus], None] | None = None,
    ) -> SolveResult:
        """Build, and wait for the result. The solve's own trees are served, and `methods` besides.

        Raises what `start` and `RunningSolve.wait` raise.
        """
        from bake.buildkit.services import filesync
        from bake.buildkit.solve import Request

        served = {**filesync.methods(solve.locals), **(methods or {})}
        request = Request(solve, methods=served, on_status=on_status or _silent)
        return self.start(request).wait()

    def _status_delay(self, running: RunningSolve) -> float:
        with self._lock:
            self._running = [one for one in self._running if not one.ended] + [running]
            return STATUS_DELAY if len(self._running) > CROWD else 0.0

    @contextmanager
    def _asking(self, what: str, limit: float = 0.0) -> Iterator[Channel]:
        """A channel to ask for `what`; without an answer within `limit` seconds it is lost, 0 waits."""
        channel = self._connect()
        late = f"it did not answer within {limit:g} s"
        timer = threading.Timer(limit, channel.connection.give_up, [late])
        timer.daemon = True
        try:
            if limit:
                timer.start()
            yield channel
        except RpcError as exc:
            if lost := channel.connection.lost:
                raise errors.lost(self.name, str(lost), lost.hint) from exc
            raise errors.refused(self.name, what, exc) from exc
        finally:
            timer.cancel()

    def _connect(self) -> Channel:
        from bake.buildkit.grpc import Channel
        from bake.buildkit.http2 import Connection

        with self._lock:
            if self._channel is None or not self._channel.connection.usable:
                self._channel = Channel(
                    Connection(self._endpoint.connect()).start(),
                    getattr(self._endpoint, "authority", "localhost"),
                )
            return self._channel


def _silent(_status: SolveStatus) -> None:
    pass


def shared_key(trees: Trees, node_id: str) -> str:
    """The shared key of a session: the base name of its context, and the machine's id, as buildx has it."""
    context = trees.get("context")
    name = posixpath.basename(context.path) if isinstance(context, LocalTree) else ""
    return f"{name}:{node_id}" if name and node_id else name
