"""gRPC over HTTP/2, both roles: calls as `Stream`s, framing, metadata, status.

Takes `http2.Connection`s; a `Channel` makes calls on one, `serve` answers those that come in on one.
Rule: everything that goes wrong on the wire comes out as `RpcError`.
"""

from __future__ import annotations

import threading
from binascii import a2b_base64, b2a_base64
from struct import Struct
from typing import TYPE_CHECKING, TypeVar

from bake.buildkit.exchange import LostError, ResetError
from bake.buildkit.frames import Pieces
from bake.buildkit.http2 import Connection
from bake.buildkit.stream import (
    CANCELED,
    INTERNAL,
    PERMISSION_DENIED,
    RESOURCE_EXHAUSTED,
    UNAUTHENTICATED,
    UNAVAILABLE,
    UNIMPLEMENTED,
    UNKNOWN,
    RpcError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from bake.buildkit.exchange import Exchange, Headers
    from bake.buildkit.pipe import Pipe
    from bake.buildkit.stream import Buffer, Message, Methods

T = TypeVar("T")

_NO_ERROR, _REFUSED, _CANCEL, _CALM, _INSECURE = 0x0, 0x7, 0x8, 0xB, 0xC
_OF_RESET = {
    _REFUSED: UNAVAILABLE,
    _CANCEL: CANCELED,
    _CALM: RESOURCE_EXHAUSTED,
    _INSECURE: PERMISSION_DENIED,
}
"""HTTP/2 error codes to gRPC's, as gRPC's PROTOCOL-HTTP2 lists them; the others are INTERNAL."""

_OF_HTTP = {
    400: INTERNAL,
    401: UNAUTHENTICATED,
    403: PERMISSION_DENIED,
    404: UNIMPLEMENTED,
    429: UNAVAILABLE,
    502: UNAVAILABLE,
    503: UNAVAILABLE,
    504: UNAVAILABLE,
}
"""HTTP status to gRPC code where no gRPC status came; the others are UNKNOWN."""


_PREFIX = Struct(">BI")
"""What stands before each message: flags, of which compression is the only one, and its length."""


class Deframer:
    """Cuts a byte stream into gRPC messages, whatever pieces it comes in."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._have = 0
        self._need = _PREFIX.size

    def feed(self, data: bytes) -> list[bytes]:
        """The messages that `data` completes. Raises `RpcError` for a compressed one."""
        self._parts.append(data)
        self._have += len(data)
        return self._cut() if self._have >= self._need else []

    @property
    def empty(self) -> bool:
        """Whether everything fed so far was given out."""
        return not self._have

    def _cut(self) -> list[bytes]:
        whole = self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)
        messages, at, end, self._need = [], 0, len(whole), _PREFIX.size
        while end - at >= _PREFIX.size:
            flags, length = _PREFIX.unpack_from(whole, at)
            if flags:
                raise RpcError(INTERNAL, "the peer sent a compressed message, which was not agreed upon")
            start = at + _PREFIX.size
            if end - start < length:
                self._need += length
                break
            at = start + length
            messages.append(whole[start:at])
        self._have = end - at
        self._parts = [whole[at:]] if self._have else []
        return messages


def frame(messages: Iterable[Message]) -> list[Buffer]:
    """The buffers that make up `messages` on the wire, each behind its five bytes of header."""
    buffers: list[Buffer] = []
    for message in messages:
        parts = [message] if isinstance(message, (bytes, bytearray, memoryview)) else message
        buffers.append(_PREFIX.pack(0, sum(map(len, parts))))
        buffers.extend(parts)
    return buffers


class Call:
    """One call, from the client's or the server's end: `bake.buildkit.stream.Stream`."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._sending = threading.Lock()
        self._receiving = threading.Lock()
        self._deframer = Deframer()
        self._messages: list[bytes] = []

    @property
    def metadata(self) -> Mapping[str, tuple[str, ...]]:
        try:
            return read_metadata(self._exchange.wait_headers())
        except (ResetError, LostError) as exc:
            raise _translate(exc) from exc

    def recv(self) -> bytes | None:
        with self._receiving:
            while not self._messages:
                try:
                    data = self._exchange.read()
                except (ResetError, LostError) as exc:
                    raise _translate(exc) from exc
                if data is None:
                    self._ended()
                    return None
                self._messages = self._deframer.feed(data)[::-1]
            return self._messages.pop()

    def _ended(self) -> None:
        if not self._deframer.empty:
            raise RpcError(INTERNAL, "the peer ended its stream in the middle of a message")

    def send(self, *messages: Message) -> None:
        with self._sending:
            try:
                self._exchange.write(Pieces(frame(messages)))
            except (ResetError, LostError) as exc:
                raise _translate(exc) from exc

    def close_send(self) -> None:
        with self._sending:
            self._exchange.end()

    def cancel(self) -> None:
        self._exchange.reset()

    def writable(self) -> bool:
        """Whether something small can be sent without blocking."""
        return self._exchange.writable()


class ClientCall(Call):
    """A call we made: its status comes with the response's trailers."""

    def _ended(self) -> None:
        self._exchange.end()
        self._raise_status()
        super()._ended()

    def _raise_status(self) -> None:
        headers = dict(self._exchange.headers or ())
        raise_status(headers, dict(self._exchange.trailers) or headers)

    def send(self, *messages: Message) -> None:
        try:
            super().send(*messages)
        except RpcError:
            # the call's own status says more than a failed send
            if self._exchange.ended_there:
                self._raise_status()
            raise

    def ask(self, request: bytes) -> None:
        """Send the only message of the request. A peer may have answered before it came, and not want it
        (RFC 9113, section 8.1): that is no fault."""
        try:
            super().send(request)
        except RpcError:
            if not self._exchange.ended_there:
                raise
            self._raise_status()
        else:
            self.close_send()

    def finish(self) -> bytes:
        """The single answer of the call. Raises `RpcError`, INTERNAL if there is none."""
        answer = self.recv()
        if answer is None:
            raise RpcError(INTERNAL, "the call ended without an answer")
        while self.recv() is not None:
            pass
        return answer

    def answers(self, read: Callable[[bytes], T]) -> Iterator[T]:
        """What `read` makes of each message of the answer; leaving the iterator early cancels the call.

        Raises `RpcError`.
        """
        try:
            while (message := self.recv()) is not None:
                yield read(message)
        finally:
            self.cancel()


class Channel:
    """Makes calls on one connection."""

    def __init__(self, connection: Connection, authority: str = "localhost") -> None:
        self.connection = connection
        self._head = (
            (b":method", b"POST"),
            (b":scheme", b"http"),
            (b":authority", authority.encode()),
        )

    def call(self, path: str, metadata: Iterable[tuple[str, str]] = ()) -> ClientCall:
        """Begin a call of the method `path`. Raises `RpcError` (UNAVAILABLE) if the connection is gone."""
        headers = [
            *self._head,
            (b":path", path.encode()),
            (b"content-type", b"application/grpc"),
            (b"te", b"trailers"),
            *((name.encode(), value.encode(errors="surrogateescape")) for name, value in metadata),
        ]
        try:
            return ClientCall(self.connection.open(headers))
        except LostError as exc:
            raise _translate(exc) from exc

    def unary(self, path: str, request: bytes) -> bytes:
        """Call a method with one message and give its one answer. Raises `RpcError`."""
        return self.begin(path, request).finish()

    def begin(self, path: str, request: bytes, metadata: Iterable[tuple[str, str]] = ()) -> ClientCall:
        """Begin a call whose request is a single message, sent at once. Raises `RpcError`."""
        call = self.call(path, metadata)
        call.ask(request)
        return call


def serve(pipe: Pipe, methods: Methods) -> Connection:
    """Answer the calls that come in over `pipe`, each in a thread of its own, until the pipe closes."""

    def accept(exchange: Exchange) -> None:
        _send_status(exchange, _answer(exchange, methods))

    return Connection(pipe, accept).start()


_RESPONSE: Headers = ((b":status", b"200"), (b"content-type", b"application/grpc"))


def _answer(exchange: Exchange, methods: Methods) -> RpcError | None:
    path = dict(exchange.headers or ()).get(b":path", b"").decode(errors="replace")
    try:
        exchange.send_headers(_RESPONSE)
        if path not in methods:
            return RpcError(UNIMPLEMENTED, f"unknown method {path}")
        methods[path](Call(exchange))
    except (ResetError, LostError) as exc:
        return _translate(exc)
    except RpcError as exc:
        return exc
    except Exception as exc:
        return RpcError(UNKNOWN, f"{type(exc).__name__}: {exc}")
    return None


def _send_status(exchange: Exchange, error: RpcError | None) -> None:
    """End the call with its status. If the peer still sends, tell it to stop, as gRPC's servers do."""
    try:
        exchange.send_headers(status_trailers(error), end=True)
        exchange.stop_peer()
    except (ResetError, LostError):
        pass


def status_trailers(error: RpcError | None) -> list[tuple[bytes, bytes]]:
    """The trailers that carry a status; None is OK."""
    if error is None:
        return [(b"grpc-status", b"0")]
    trailers = [(b"grpc-status", b"%d" % error.code), (b"grpc-message", percent_encode(error.message))]
    if error.details:
        trailers.append((b"grpc-status-details-bin", b2a_base64(error.details, newline=False).rstrip(b"=")))
    return trailers


def raise_status(headers: Mapping[bytes, bytes], trailers: Mapping[bytes, bytes]) -> None:
    """Raise `RpcError` unless the trailers say OK; without a status, HTTP's own decides."""
    status = trailers.get(b"grpc-status")
    if status is None:
        http = headers.get(b":status", b"200").decode()
        code = _OF_HTTP.get(int(http), UNKNOWN) if http.isdigit() else UNKNOWN
        raise RpcError(code, f"the call ended without a status (HTTP {http})")
    if status != b"0":
        details = trailers.get(b"grpc-status-details-bin", b"")
        raise RpcError(
            int(status) if status.isdigit() else UNKNOWN,
            percent_decode(trailers.get(b"grpc-message", b"")),
            _decoded(details),
        )


def _decoded(details: bytes) -> bytes:
    """What a `-bin` trailer holds; nothing where it is damaged, for the message says enough."""
    try:
        return a2b_base64(details + b"=" * (-len(details) % 4))
    except ValueError:
        return b""


def read_metadata(headers: Headers) -> dict[str, tuple[str, ...]]:
    """Headers as metadata: pseudo headers left out, repeated names gathered."""
    metadata: dict[str, tuple[str, ...]] = {}
    for raw_name, raw_value in headers:
        if not raw_name.startswith(b":"):
            name = raw_name.decode(errors="replace").lower()
            metadata[name] = (*metadata.get(name, ()), raw_value.decode(errors="surrogateescape"))
    return metadata


def percent_encode(text: str) -> bytes:
    """`text` as a grpc-message: printable ASCII but `%` stands for itself."""
    return b"".join(
        bytes([byte]) if 0x20 <= byte < 0x7F and byte != 0x25 else b"%%%02X" % byte
        for byte in text.encode(errors="surrogateescape")
    )


def percent_decode(value: bytes) -> str:
    """A grpc-message as text; what is no valid escape stays as it came."""
    first, *rest = value.split(b"%")
    decoded = [first]
    for part in rest:
        try:
            decoded.append(bytes([int(part[:2], 16)]) + part[2:] if len(part) >= 2 else b"%" + part)
        except ValueError:
            decoded.append(b"%" + part)
    return b"".join(decoded).decode(errors="replace")


def _translate(exc: ResetError | LostError) -> RpcError:
    if isinstance(exc, LostError):
        return RpcError(UNAVAILABLE, str(exc))
    return RpcError(_OF_RESET.get(exc.code, INTERNAL), str(exc))
