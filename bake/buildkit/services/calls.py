"""What handlers of several services need: one request with one answer, headers, byte streams."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar
from urllib.parse import unquote_plus

from bake.buildkit import stream as grpc

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from google.protobuf.message import Message as Protobuf

    from bake.buildkit.stream import Buffer, Handler, Message, Stream

Request = TypeVar("Request", bound="Protobuf")

CHUNK: Final = 1 << 20
"""Bytes of one frame; BuildKit accepts 16 MiB."""

_DATA_TAG: Final = 0x0A


def unary(request: Callable[[], type[Request]], answer: Callable[[Stream, Request], Protobuf]) -> Handler:
    """A handler of calls with one request and one answer. `request` gives the message class, so that it
    is imported when it is needed."""

    def serve(stream: Stream) -> None:
        stream.send(answer(stream, receive_one(stream, request())).SerializeToString())

    return serve


def receive_one(stream: Stream, kind: type[Request]) -> Request:
    """The next message. Raises `RpcError` if there is none or it cannot be read."""
    message = stream.recv()
    if message is None:
        raise grpc.RpcError(grpc.INVALID_ARGUMENT, "a call without a request")
    return read_one(message, kind)


def read_one(message: bytes, kind: type[Request]) -> Request:
    """Raises `RpcError` for bytes that are no such message."""
    from google.protobuf.message import DecodeError

    try:
        return kind.FromString(message)
    except DecodeError as exc:
        raise grpc.RpcError(grpc.INVALID_ARGUMENT, "a request that cannot be read") from exc


def header(stream: Stream, name: str, default: str = "") -> str:
    """The first value of a header."""
    return next(iter(stream.metadata.get(name, ())), default)


def decoded(stream: Stream, name: str) -> tuple[str, ...] | None:
    """All values of a header, None if it was not sent. `NAME-encoded: 1` says that they are
    query-escaped, which BuildKit does where one of them is not ASCII."""
    values = stream.metadata.get(name)
    if values is None or header(stream, f"{name}-encoded").lower() not in ("1", "t", "true"):
        return values
    return tuple(unquote_plus(value, errors="surrogateescape") for value in values)


def frame(data: Buffer) -> Message:
    """A BytesMessage, `{data #1}`, without a copy of the data."""
    from bake.buildkit.fsutil.packet import varint

    return (bytes((_DATA_TAG,)) + varint(len(data)), data)


def frames(stream: Stream) -> Iterator[memoryview]:
    """The data of a stream of BytesMessages, until the peer has ended it."""
    while (message := stream.recv()) is not None:
        yield _data(message)


def _data(message: bytes) -> memoryview:
    """`data` of a BytesMessage. Raises `RpcError` unless the message is just that."""
    if not message:
        return memoryview(b"")
    length, start = _length(message)
    if message[0] != _DATA_TAG or start + length != len(message):
        raise grpc.RpcError(grpc.INVALID_ARGUMENT, "not a message of bytes")
    return memoryview(message)[start:]


def _length(message: bytes) -> tuple[int, int]:
    """The number after the first tag, and where it ends."""
    length = 0
    for shift, byte in enumerate(message[1:11]):
        length |= (byte & 0x7F) << 7 * shift
        if byte < 0x80:
            return length, shift + 2
    return 0, 0
