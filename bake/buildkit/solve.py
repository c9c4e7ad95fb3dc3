"""One build on one BuildKit, while it runs.

Takes a `Request`, gives a `RunningSolve`, and in the end a `SolveResult` or an error. A solve that is not
linked, calls nothing and is not held is one Control.Solve. The others go through the gateway, in phases:

    registered   the frontend has made its LLB, others can link to it
    released     everybody who links to it has registered
    evaluated    its steps have run: after those of the solves it links to, whose sessions they need
    exporting    a solve that is held goes on to its exports when it is told to
    ended        Control.Solve has answered and the status is drained

A solve keeps its references until those that link to it have evaluated, or steps they share would run
twice. When a build ends, however that is, it has been through all phases: no wait is for ever.
"""

from __future__ import annotations

import contextlib
import threading
import time
from dataclasses import field
from typing import TYPE_CHECKING

from bake.buildkit import errors
from bake.buildkit.messages.control_pb2 import SolveResponse
from bake.buildkit.messages.status_pb2 import StatusRequest
from bake.buildkit.request import control_request, frontend_attrs, link
from bake.buildkit.session import new_id
from bake.buildkit.status import Steps, parse
from bake.buildkit.stream import UNAVAILABLE, RpcError, parsed
from bake.errors import CanceledError
from bake.record import record
from bake.solve import SolveResult

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from bake.buildkit.gateway import Gateway
    from bake.buildkit.grpc import Channel, ClientCall
    from bake.buildkit.messages import gateway_pb2
    from bake.buildkit.request import LinkedResult
    from bake.buildkit.session import Session
    from bake.buildkit.stream import Methods
    from bake.errors import BakeError
    from bake.progress import SolveStatus
    from bake.solve import Solve

SOLVE = "/moby.buildkit.v1.Control/Solve"
STATUS = "/moby.buildkit.v1.Control/Status"
QUIET = 5.0
"""Seconds without news after which the status of a build that has ended is given up."""
SILENT = 1.0
"""The same for a build of which nothing was ever heard: it may have been refused before it began."""
OVERDUE = 5.0
"""Seconds that Control.Solve has to answer after the gateway gave up."""


def _ignore(_status: SolveStatus) -> None:
    pass


@record
class Request:
    """One build to start.

    `methods` are served by a session of this build's own (outputs, secrets, ssh, auth); without any,
    `session` serves it, an open one. `files` are the attributes of shared file sessions. `inputs` gives
    the running solves that `solve.links` name, by the name of the context each stands for. One that is
    `held` exports nothing, caches neither, before `export` is called. `on_status` is called from one
    thread, and must not raise. `traceparent` names the span that BuildKit's are below of (W3C).
    """

    solve: Solve
    methods: Methods = field(default_factory=dict)
    session: Session | None = None
    files: Mapping[str, str] = field(default_factory=dict)
    inputs: Mapping[str, RunningSolve] = field(default_factory=dict)
    held: bool = False
    on_status: Callable[[SolveStatus], None] = _ignore
    ref: str = field(default_factory=new_id)
    traceparent: str = ""


@record
class Connected:
    """What a solve runs on: the channel, the endpoint's name, the session, and whether it closes that."""

    channel: Channel
    name: str
    session: Session
    owned: bool


class RunningSolve:
    """A build that was started, by `Client.start`. Any thread may call any method."""

    def __init__(self, request: Request, connected: Connected) -> None:
        solve = request.solve
        self.ref = request.ref
        self._request = request
        self._on = connected
        self.held = request.held
        self._uses_gateway = bool(solve.linked or solve.links or solve.call or request.held)
        self._steps = Steps()
        self._calls = _Calls(connected.channel, request.traceparent)
        self._registered, self._released = threading.Event(), threading.Event()
        self._evaluated, self._exporting = threading.Event(), threading.Event()
        self._ended = threading.Event()
        self._heirs: list[RunningSolve] = []
        self._linked: LinkedResult | None = None
        self._metadata: dict[str, bytes] = {}
        self._response: dict[str, str] = {}
        self._ran = False
        self._error: BakeError | None = None
        self._gateway_error: RpcError | None = None
        self._status_call: ClientCall | None = None
        self._solved = threading.Event()
        self._heard = 0.0
        self._started, self._completed = time.time(), 0.0
        if not solve.linked:
            self._released.set()
        if not request.held:
            self._exporting.set()

    @property
    def ended(self) -> bool:
        return self._ended.is_set()

    def linked(self) -> LinkedResult:
        """What others link to. Blocks until the frontend has made its LLB, of all platforms.

        Raises the build's error if that came first. For a solve that links to others, returning means that
        it has registered with them.
        """
        self._registered.wait()
        if self._linked is None:
            raise self._error or CanceledError()
        return self._linked

    def evaluated(self) -> bool:
        """Block until the steps have run, or the build has ended before; say whether they have."""
        self._evaluated.wait()
        return self._ran

    def release(self) -> None:
        """Say that all solves that link to this one have registered (or never will): it may go on."""
        self._released.set()

    def export(self) -> None:
        """Say that a held solve may go on to its exports."""
        self._exporting.set()

    def cancel(self) -> None:
        """Ask BuildKit to stop. `wait` says when it has."""
        self._calls.cancel()
        self._released.set()
        self._exporting.set()

    def wait(self) -> SolveResult:
        """The result, once the build has ended and its last status was delivered. Blocks.

        Raises SolveError for what BuildKit or a step says, BuilderError when the connection breaks,
        CanceledError after `cancel`.
        """
        self._ended.wait()
        if self._error:
            raise self._error
        return SolveResult(
            key=self._request.solve.key,
            ref=self.ref,
            response=self._response,
            metadata=self._metadata,
            started=self._started,
            completed=self._completed,
        )

    def start(self, status_delay: float = 0.0) -> None:
        """Send Solve, then follow it; its status is asked for `status_delay` seconds later."""
        solve, parents = self._request.solve, self._request.inputs
        inputs = link({context: parent.linked() for context, parent in parents.items()}, solve.links)
        attrs = frontend_attrs(solve, inputs, self._request.files)
        message = control_request(solve, self.ref, self._on.session.id, attrs, gateway=self._uses_gateway)
        call = self._calls.begin(SOLVE, message.SerializeToString())
        for parent in parents.values():
            parent._heirs.append(self)
        reporter = _spawn(self._report, status_delay)
        _spawn(self._follow, call, reporter)
        if self._uses_gateway:
            from bake.buildkit.request import gateway_request, without_call

            asked = gateway_request(solve, attrs, inputs)
            built = (
                gateway_request(solve, without_call(attrs), inputs) if solve.call and solve.linked else None
            )
            _spawn(self._drive, asked, built, call)

    def _follow(self, call: ClientCall, reporter: threading.Thread) -> None:
        error: RpcError | None = None
        try:
            self._response = dict(parsed(SolveResponse, call.finish()).exporter_response)
        except RpcError as exc:
            error = exc
        self._completed = time.time()
        self._solved.set()
        self._calls.end()
        if self._on.owned:
            self._on.session.close()
        self._drain(reporter)
        if error:
            self._error = self._explain(error)
        phases = (self._registered, self._released, self._evaluated, self._exporting, self._ended)
        for phase in phases:
            phase.set()

    def _explain(self, error: RpcError) -> BakeError:
        lost = self._on.channel.connection.lost
        if lost and error.code == UNAVAILABLE:
            return errors.lost(self._on.name, str(lost), lost.hint)
        if self._calls.canceled:
            return CanceledError()
        return errors.solve_error(self._gateway_error or error, self._steps)

    def _report(self, delay: float) -> None:
        # one that has ended meanwhile tells everything too: BuildKit takes it from the history
        self._solved.wait(delay)
        try:
            request = StatusRequest(ref=self.ref).SerializeToString()
            self._status_call = call = self._on.channel.begin(STATUS, request)
            while (message := call.recv()) is not None:
                self._heard = time.monotonic()
                status = parse(message)
                self._steps.add(status)
                self._request.on_status(status)
        except RpcError:
            # the build's own error says more
            return
        finally:
            if self._status_call:
                self._status_call.cancel()

    def _drain(self, reporter: threading.Thread) -> None:
        while reporter.is_alive():
            before = self._heard
            reporter.join(QUIET if before else SILENT)
            if reporter.is_alive() and self._heard == before:
                if self._status_call:
                    self._status_call.cancel()
                return reporter.join(QUIET)
        return None

    def _drive(
        self, asked: gateway_pb2.SolveRequest, built: gateway_pb2.SolveRequest | None, solve_call: ClientCall
    ) -> None:
        """Take the frontend's part, phase by phase. Others link to what is `built`, where a call asks for
        something else than that."""
        from bake.buildkit.gateway import Gateway

        gateway = Gateway(self._calls.begin, self.ref)
        try:
            result = gateway.solve(asked)
            self._pass_phases(gateway, result, gateway.solve(built) if built else result)
        except RpcError as error:
            self._give_up(gateway, error, solve_call)

    def _pass_phases(self, gateway: Gateway, result: gateway_pb2.Result, linked: gateway_pb2.Result) -> None:
        from bake.buildkit.request import linked_result, references

        solve = self._request.solve
        self._linked = linked_result(linked)
        self._metadata = dict(result.metadata) if solve.call else {}
        self._registered.set()
        self._released.wait()
        for parent in self._request.inputs.values():
            parent._evaluated.wait()
        if not solve.call and (solve.linked or solve.links or self.held):
            gateway.evaluate(references(result).values())
        self._ran = True
        self._evaluated.set()
        for heir in self._heirs:
            heir._evaluated.wait()
        self._exporting.wait()
        gateway.give_back(result)

    def _give_up(self, gateway: Gateway, error: RpcError, solve_call: ClientCall) -> None:
        if self._solved.is_set() or self._calls.canceled:
            return
        with contextlib.suppress(RpcError):
            gateway.give_up(error)
        if not self._solved.wait(OVERDUE):
            self._gateway_error = error
            solve_call.cancel()


class _Calls:
    """The calls of one build, ended together. `canceled` says that somebody asked for it."""

    def __init__(self, channel: Channel, traceparent: str = "") -> None:
        self.canceled = False
        self._trace = (("traceparent", traceparent),) if traceparent else ()
        self._channel = channel
        self._over = False
        self._calls: list[ClientCall] = []
        self._lock = threading.Lock()

    def begin(self, path: str, message: bytes, metadata: Iterable[tuple[str, str]] = ()) -> ClientCall:
        """Begin a call, which ends at once if the others have been. Raises RpcError."""
        call = self._channel.begin(path, message, (*metadata, *self._trace))
        with self._lock:
            self._calls.append(call)
            over = self._over
        if over:
            call.cancel()
        return call

    def cancel(self) -> None:
        self.canceled = True
        self.end()

    def end(self) -> None:
        with self._lock:
            self._over = True
            calls = list(self._calls)
        for call in calls:
            call.cancel()


def _spawn(work: Callable[..., None], *arguments: object) -> threading.Thread:
    thread = threading.Thread(target=work, args=arguments, name=f"solve{work.__name__}", daemon=True)
    thread.start()
    return thread
