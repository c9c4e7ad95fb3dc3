"""The seam between gRPC and everything that speaks over it: one call, seen from either end."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol, TypeAlias, TypeVar

if TYPE_CHECKING:
    from google.protobuf.message import Message as Protobuf

M = TypeVar("M", bound="Protobuf")

Buffer: TypeAlias = "bytes | bytearray | memoryview"

Message: TypeAlias = "Buffer | Sequence[Buffer]"
"""One message: its bytes, or several buffers that make it up (sent without joining them)."""


class Stream(Protocol):
    """One gRPC call. Any thread may call any method; `send` holds a lock for whole messages."""

    @property
    def metadata(self) -> Mapping[str, tuple[str, ...]]:
        """The peer's headers, names in lower case, every value kept (they repeat)."""

    def recv(self) -> bytes | None:
        """The next message, None once the peer has ended its half. Blocks.

        Raises `RpcError` if the call was reset, ended with a status but OK, or the connection broke.
        """

    def send(self, *messages: Message) -> None:
        """Send messages, several of them in as few writes as flow control allows. Blocks; the buffers
        may be written to again once it returns.

        Raises `RpcError` like `recv`.
        """

    def close_send(self) -> None:
        """End our half. A handler need not: returning does it."""

    def cancel(self) -> None:
        """Reset the call (CANCEL). Harmless when it is over."""


Handler: TypeAlias = Callable[[Stream], None]
"""Serves one call: returning means OK, raising `RpcError` sends its status, any other exception UNKNOWN."""

Methods: TypeAlias = Mapping[str, Handler]
"""Full method paths (`/moby.filesync.v1.FileSync/DiffCopy`) to their handlers."""


class RpcError(Exception):
    """A gRPC status other than OK: `code` as in google.rpc.Code, `details` the serialized
    google.rpc.Status of `grpc-status-details-bin`, empty if none came."""

    def __init__(self, code: int, message: str, details: bytes = b"") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details = details


CANCELED, UNKNOWN, INVALID_ARGUMENT, DEADLINE_EXCEEDED = 1, 2, 3, 4
NOT_FOUND, ALREADY_EXISTS, PERMISSION_DENIED, RESOURCE_EXHAUSTED = 5, 6, 7, 8
FAILED_PRECONDITION, ABORTED, OUT_OF_RANGE, UNIMPLEMENTED = 9, 10, 11, 12
INTERNAL, UNAVAILABLE, DATA_LOSS, UNAUTHENTICATED = 13, 14, 15, 16


def parsed(kind: type[M], message: bytes) -> M:
    """A peer's answer. Raises `RpcError` (INTERNAL, as with gRPC's own clients) for bytes that are none."""
    from google.protobuf.message import DecodeError

    try:
        return kind.FromString(message)
    except DecodeError as exc:
        raise RpcError(INTERNAL, "an answer that cannot be read") from exc
