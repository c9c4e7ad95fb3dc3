"""BuildKit's gateway: the calls by which a client takes the frontend's part in a build it has started.

Takes a `Channel` and the build's ref. Nothing runs on `solve`: it gives references to results that will
be; `evaluate` makes them so, `give_back` (LLBBridge.Return) ends the build with them or with an error.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bake.buildkit.errors import unsupported_request
from bake.buildkit.messages import common_pb2, gateway_pb2
from bake.buildkit.stream import RpcError, parsed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from bake.buildkit.grpc import ClientCall

BRIDGE = "/moby.buildkit.v1.frontend.LLBBridge/"
FALLBACKS = {
    "frontend.lint": "docker/dockerfile:1.8.1",
    "frontend.outline": "docker/dockerfile:1.7.1",
    "frontend.targets": "docker/dockerfile:1.7.1",
}
"""Frontends that know a call which an engine's own is too old for; the versions are buildx 0.36's."""


class Gateway:
    """The gateway of one build. `begin` starts a call (path, message, metadata), as `Channel.begin` does."""

    def __init__(
        self, begin: Callable[[str, bytes, Iterable[tuple[str, str]]], ClientCall], ref: str
    ) -> None:
        self._start = begin
        self._metadata = [("buildkit-controlapi-buildid", ref)]

    def _begin(self, method: str, message: bytes) -> ClientCall:
        return self._start(BRIDGE + method, message, self._metadata)

    def solve(self, request: gateway_pb2.SolveRequest) -> gateway_pb2.Result:
        """What the frontend makes of `request`. Raises RpcError.

        A frontend that does not know the request's call is replaced by one that does.
        """
        try:
            return self._solve(request)
        except RpcError as error:
            image = FALLBACKS.get(unsupported_request(error))
            if image is None:
                raise
        request.frontend_opt["build-arg:BUILDKIT_SYNTAX"] = image
        return self._solve(request)

    def _solve(self, request: gateway_pb2.SolveRequest) -> gateway_pb2.Result:
        answer = self._begin("Solve", request.SerializeToString()).finish()
        return parsed(gateway_pb2.SolveResponse, answer).result

    def evaluate(self, refs: Iterable[gateway_pb2.Ref]) -> None:
        """Run all steps of `refs`, at once. Raises RpcError, the first one's."""
        messages = [gateway_pb2.EvaluateRequest(ref=ref.id).SerializeToString() for ref in refs if ref.id]
        calls = [self._begin("Evaluate", message) for message in messages]
        try:
            for call in calls:
                call.finish()
        finally:
            for call in calls:
                call.cancel()

    def stat_file(self, ref: str, path: str) -> int:
        """The size of a file in a result. Raises RpcError, also where it is not there."""
        request = gateway_pb2.StatFileRequest(ref=ref, path=path)
        answer = self._begin("StatFile", request.SerializeToString()).finish()
        return parsed(gateway_pb2.StatFileResponse, answer).stat.size

    def read_file(self, ref: str, path: str, length: int = 0) -> bytes:
        """A file of a result, its first `length` bytes if that is not 0. Raises RpcError."""
        part = gateway_pb2.FileRange(length=length) if length else None
        request = gateway_pb2.ReadFileRequest(ref=ref, file_path=path, range=part)
        answer = self._begin("ReadFile", request.SerializeToString()).finish()
        return parsed(gateway_pb2.ReadFileResponse, answer).data

    def capabilities(self) -> frozenset[str]:
        """The ids of what the LLB solver can. Raises RpcError."""
        answer = parsed(gateway_pb2.PongResponse, self._begin("Ping", b"").finish())
        return frozenset(cap.id for cap in answer.llb_caps if cap.enabled)

    def give_back(self, result: gateway_pb2.Result) -> None:
        """End the build with `result`. Raises RpcError."""
        self._begin("Return", gateway_pb2.ReturnRequest(result=result).SerializeToString()).finish()

    def give_up(self, error: RpcError) -> None:
        """End the build with `error`, details and all: Control.Solve will answer with it. Raises RpcError."""
        status = parsed(common_pb2.Status, error.details)
        status.code, status.message = error.code, error.message
        self._begin("Return", gateway_pb2.ReturnRequest(error=status).SerializeToString()).finish()
