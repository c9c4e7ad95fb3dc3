"""An in-memory BuildKit: an `Endpoint` whose other end is served by handlers a test hands in.

It records the sessions that were attached and can be killed. A `Script` is a BuildKit whose one build
goes as a test says: events are set and awaited, nothing is timed.
"""

from __future__ import annotations

import socket
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bake.buildkit.grpc import Call, Channel, serve
from bake.buildkit.http2 import Connection
from bake.buildkit.messages import control_pb2, gateway_pb2, status_pb2
from bake.buildkit.pipe import SocketPipe
from bake.buildkit.stream import RpcError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bake.buildkit.exchange import Exchange
    from bake.buildkit.pipe import Pipe
    from bake.buildkit.stream import Methods, Stream

CONTROL = "/moby.buildkit.v1.Control/"
BRIDGE = "/moby.buildkit.v1.frontend.LLBBridge/"
PATIENCE = 60
"""Seconds after which an awaited event counts as never coming."""


@dataclass
class FakeBuildKit:
    """An endpoint. `sessions` holds the headers and the calling side of each attached session."""

    methods: Methods
    name: str = "memory://buildkit"
    tunnel: bool = False
    sessions: list[tuple[dict[str, list[str]], Channel]] = field(default_factory=list)
    connections: list[Connection] = field(default_factory=list)

    def connect(self) -> Pipe:
        near, far = socket.socketpair()
        self.connections.append(serve(SocketPipe(far), self.methods))
        return SocketPipe(near)

    def attach(self, headers: Sequence[tuple[str, str]]) -> Pipe | None:
        if self.tunnel:
            return None
        near, far = socket.socketpair()
        channel = Channel(Connection(SocketPipe(far)).start())
        self.sessions.append((gather(headers), channel))
        return SocketPipe(near)

    def kill(self) -> None:
        for connection in self.connections:
            connection.close()

    def close(self) -> None:
        self.kill()
        for _, channel in self.sessions:
            channel.connection.close()


def gather(headers: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    gathered: dict[str, list[str]] = {}
    for name, value in headers:
        gathered.setdefault(name, []).append(value)
    return gathered


def awaited(event: threading.Event) -> None:
    assert event.wait(PATIENCE), "what the test waits for never came"


def until_reset(stream: Stream) -> None:
    """Wait until the caller cancels, or is gone."""
    exchange = _exchange(stream)
    with exchange._changed:
        assert exchange._changed.wait_for(lambda: exchange.fault, PATIENCE), "nobody canceled"


def _exchange(stream: Stream) -> Exchange:
    assert isinstance(stream, Call)
    return stream._exchange


@dataclass
class Script:
    """One build. `finish` lets Control.Solve answer; with `error` it fails. Status sends `statuses`, then
    ends with the build. The gateway gives `result`; what is called is noted in `log`."""

    error: RpcError | None = None
    result: gateway_pb2.Result = field(default_factory=gateway_pb2.Result)
    statuses: list[status_pb2.StatusResponse] = field(default_factory=list)
    gateway_errors: dict[str, RpcError] = field(default_factory=dict)
    status_never_ends: bool = False
    log: list[str] = field(default_factory=list)
    request: control_pb2.SolveRequest = field(default_factory=control_pb2.SolveRequest)
    gateway_request: gateway_pb2.SolveRequest = field(default_factory=gateway_pb2.SolveRequest)
    returned: gateway_pb2.ReturnRequest = field(default_factory=gateway_pb2.ReturnRequest)
    finish: threading.Event = field(default_factory=threading.Event)
    solving: threading.Event = field(default_factory=threading.Event)
    over: threading.Event = field(default_factory=threading.Event)

    def methods(self) -> dict[str, Callable[[Stream], None]]:
        return {
            f"{CONTROL}Solve": self._solve,
            f"{CONTROL}Status": self._status,
            f"{BRIDGE}Solve": self._gateway_solve,
            f"{BRIDGE}Evaluate": self._evaluate,
            f"{BRIDGE}Return": self._return,
        }

    def _solve(self, stream: Stream) -> None:
        self.request.ParseFromString(stream.recv() or b"")
        self.log.append("Control.Solve")
        self.solving.set()
        watcher = threading.Thread(target=self._watch, args=(stream,))
        watcher.start()
        try:
            awaited(self.finish)
            if self.error:
                raise self.error
            if self.returned.error.code:
                error = self.returned.error
                raise RpcError(error.code, error.message, error.SerializeToString())
            stream.send(control_pb2.SolveResponse(exporter_response={"k": "v"}).SerializeToString())
        finally:
            self.over.set()
            exchange = _exchange(stream)
            with exchange._changed:
                exchange._changed.notify_all()
            watcher.join()

    def _watch(self, stream: Stream) -> None:
        """Let a canceled build finish. The watch ends with the build."""
        exchange = _exchange(stream)
        with exchange._changed:
            exchange._changed.wait_for(lambda: exchange.fault or self.over.is_set())
        if not self.over.is_set():
            self.log.append("canceled")
            self.finish.set()

    def _status(self, stream: Stream) -> None:
        stream.recv()
        self.log.append("Control.Status")
        for status in self.statuses:
            stream.send(status.SerializeToString())
        if self.status_never_ends:
            until_reset(stream)
        else:
            awaited(self.over)

    def _fail(self, method: str) -> None:
        if error := self.gateway_errors.get(method):
            raise error

    def _gateway_solve(self, stream: Stream) -> None:
        self.gateway_request.ParseFromString(stream.recv() or b"")
        # BuildKit, too, waits for a build that it does not know yet
        awaited(self.solving)
        assert stream.metadata["buildkit-controlapi-buildid"] == (self.request.ref,)
        self.log.append("Solve")
        self._fail("Solve")
        stream.send(gateway_pb2.SolveResponse(result=self.result).SerializeToString())

    def _evaluate(self, stream: Stream) -> None:
        request = gateway_pb2.EvaluateRequest.FromString(stream.recv() or b"")
        self.log.append(f"Evaluate {request.ref}")
        self._fail("Evaluate")
        stream.send(b"")

    def _return(self, stream: Stream) -> None:
        self.returned.ParseFromString(stream.recv() or b"")
        self.log.append("Return")
        stream.send(b"")
        self.finish.set()
