"""Reading files that BuildKit fetches: a build without frontend or output, in which this client asks.

Takes a channel, a session and work to do with a `Browser`; the build lives as long as the work.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, TypeVar

from bake.buildkit.gateway import Gateway
from bake.buildkit.messages import gateway_pb2
from bake.buildkit.messages.control_pb2 import SolveRequest
from bake.buildkit.session import new_id
from bake.buildkit.solve import SOLVE
from bake.buildkit.stream import RpcError

if TYPE_CHECKING:
    from collections.abc import Callable

    from bake.buildkit.grpc import Channel
    from bake.buildkit.messages.llb_pb2 import Definition

T = TypeVar("T")


class Tree:
    """What a definition made. Paths are those inside it, none leads out of it."""

    def __init__(self, gateway: Gateway, ref: str) -> None:
        self._gateway = gateway
        self._ref = ref

    def size(self, path: str) -> int | None:
        """The size of the file `path`, None if there is nothing. Raises RpcError."""
        try:
            return self._gateway.stat_file(self._ref, path)
        except RpcError as error:
            if "no such file" in error.message or "not found" in error.message:
                return None
            raise

    def read(self, path: str, length: int = 0) -> bytes:
        """The file `path`, its first `length` bytes if that is not 0. Raises RpcError."""
        return self._gateway.read_file(self._ref, path, length)


class Browser:
    """Makes trees of definitions."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def tree(self, definition: Definition) -> Tree:
        """Fetch what `definition` describes. Raises RpcError."""
        request = gateway_pb2.SolveRequest(
            definition=definition, allow_result_return=True, allow_result_array_ref=True, evaluate=True
        )
        return Tree(self._gateway, self._gateway.solve(request).ref.id)

    def capabilities(self) -> frozenset[str]:
        """The ids of what BuildKit's LLB solver can. Raises RpcError."""
        return self._gateway.capabilities()


def browse(channel: Channel, session: str, work: Callable[[Browser], T]) -> T:
    """What `work` gives. Raises RpcError, and whatever `work` raises."""
    ref = new_id()
    request = SolveRequest(ref=ref, session=session, internal=True)
    call = channel.begin(SOLVE, request.SerializeToString())
    gateway = Gateway(channel.begin, ref)
    try:
        found = work(Browser(gateway))
        gateway.give_back(gateway_pb2.Result())
        call.finish()
        return found
    except RpcError as error:
        with contextlib.suppress(RpcError):
            gateway.give_up(error)
        raise
    finally:
        call.cancel()
