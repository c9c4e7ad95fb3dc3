"""containerd.services.content.v1.Content: BuildKit reads and writes our content stores.

Takes stores by their ids: `local:FOLDER` for a local cache, `oci:NAME` for an OCI layout that serves as a
context, `export` for an image written as a layout. The rule: the status codes are containerd's, as
BuildKit decides by them (a blob that exists is ALREADY_EXISTS, a ref that is unknown is NOT_FOUND).
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from bake.buildkit import stream as grpc
from bake.buildkit.content import (
    BusyError,
    ContentError,
    ExistsError,
    InvalidError,
    MismatchError,
    MissingError,
    exists,
)
from bake.buildkit.services.calls import header, read_one, receive_one

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from google.protobuf.message import Message as Protobuf

    from bake.buildkit.content import Blob, Ingest, Store, Writer
    from bake.buildkit.messages import common_pb2, content_pb2
    from bake.buildkit.stream import Handler, Methods, Stream

_STORE: Final = "buildkit-attachable-store-id"
_CODES: Final = {
    MissingError: grpc.NOT_FOUND,
    ExistsError: grpc.ALREADY_EXISTS,
    MismatchError: grpc.FAILED_PRECONDITION,
    BusyError: grpc.UNAVAILABLE,
    InvalidError: grpc.INVALID_ARGUMENT,
}


def methods(stores: Mapping[str, Store]) -> Methods:
    """Serves `stores`; the mapping is looked into at each call."""

    def handler(serve: Callable[[Store, Stream], None]) -> Handler:
        def call(stream: Stream) -> None:
            name = header(stream, _STORE)
            if name not in stores:
                code = grpc.NOT_FOUND if name else grpc.INVALID_ARGUMENT
                raise grpc.RpcError(code, f'unknown store "{name}"')
            try:
                serve(stores[name], stream)
            except ContentError as exc:
                raise grpc.RpcError(_CODES.get(type(exc), grpc.UNKNOWN), str(exc)) from exc
            except OSError as exc:
                message = f"content store {stores[name].path}: {exc.strerror or exc}"
                raise grpc.RpcError(grpc.UNKNOWN, message) from exc

        return call

    return {f"/containerd.services.content.v1.Content/{name}": handler(serve) for name, serve in _METHODS}


def _info(store: Store, stream: Stream) -> None:
    pb = _messages()
    request = receive_one(stream, pb.InfoRequest)
    _send(stream, pb.InfoResponse(info=_blob_message(store.info(request.digest))))


def _update(store: Store, stream: Stream) -> None:
    """Only labels could change, and this store has none; containerd's answers so too."""
    store.info(receive_one(stream, _messages().UpdateRequest).info.digest)
    raise grpc.RpcError(grpc.FAILED_PRECONDITION, "the store's blobs have no labels to update")


def _list(store: Store, stream: Stream) -> None:
    pb = _messages()
    receive_one(stream, pb.ListContentRequest)
    found = store.blobs()
    for start in range(0, len(found), 100):
        _send(stream, pb.ListContentResponse(info=map(_blob_message, found[start : start + 100])))


def _delete(store: Store, stream: Stream) -> None:
    store.delete(receive_one(stream, _messages().DeleteContentRequest).digest)
    stream.send(b"")


def _read(store: Store, stream: Stream) -> None:
    pb = _messages()
    request = receive_one(stream, pb.ReadContentRequest)
    offset = max(request.offset, 0)
    if offset > store.info(request.digest).size:
        raise grpc.RpcError(grpc.OUT_OF_RANGE, f"read past the end of {request.digest}")
    for piece in store.read(request.digest, offset, request.size if request.size > 0 else None):
        _send(stream, pb.ReadContentResponse(offset=offset, data=piece))
        offset += len(piece)


def _status(store: Store, stream: Stream) -> None:
    pb = _messages()
    request = receive_one(stream, pb.StatusRequest)
    _send(stream, pb.StatusResponse(status=_ingest_message(store.ingest(request.ref))))


def _list_statuses(store: Store, stream: Stream) -> None:
    pb = _messages()
    receive_one(stream, pb.ListStatusesRequest)
    _send(stream, pb.ListStatusesResponse(statuses=map(_ingest_message, store.ingests())))


def _abort(store: Store, stream: Stream) -> None:
    store.abort(receive_one(stream, _messages().AbortRequest).ref)
    stream.send(b"")


def _write(store: Store, stream: Stream) -> None:
    """One ref's STAT, WRITE and COMMIT requests, each answered."""
    pb = _messages()
    request = receive_one(stream, pb.WriteContentRequest)
    with store.write(request.ref, total=request.total, expected=request.expected) as writer:
        session = _WriteSession(store, writer)
        while True:
            _send(stream, session.answer(request))
            if request.action == pb.COMMIT:
                return
            message = stream.recv()
            if message is None:
                return
            request = read_one(message, pb.WriteContentRequest)


class _WriteSession:
    """What one Write call has been told so far: later requests may add size and digest."""

    def __init__(self, store: Store, writer: Writer) -> None:
        self._store = store
        self._writer = writer
        self._total = 0
        self._expected = ""

    def answer(self, request: content_pb2.WriteContentRequest) -> content_pb2.WriteContentResponse:
        from bake.buildkit.messages import content_pb2 as pb

        self._total = request.total or self._total
        self._expected = request.expected or self._expected
        if request.expected and self._store.claim(request.expected):
            self._writer.close()
            with suppress(MissingError):
                self._store.abort(request.ref or self._writer.ref)
            raise exists(request.expected)
        if request.action != pb.STAT:
            self._append(request.offset, request.data)
        if request.action == pb.COMMIT:
            digest = self._writer.commit(self._expected, self._total)
        else:
            digest = self._writer.digest
        return pb.WriteContentResponse(
            action=request.action,
            started_at=_timestamp(self._writer.started),
            updated_at=_timestamp(self._writer.started),
            offset=self._writer.offset,
            total=self._total,
            digest=digest,
        )

    def _append(self, offset: int, data: bytes) -> None:
        """An offset of 0 begins anew; any other must be where the writer is."""
        if offset and offset != self._writer.offset:
            message = f"write at {offset} must be at the current offset, {self._writer.offset}"
            raise grpc.RpcError(grpc.OUT_OF_RANGE, message)
        if not offset and self._writer.offset:
            self._writer.restart()
        self._writer.append(data)


_METHODS: Final = (
    ("Info", _info),
    ("Update", _update),
    ("List", _list),
    ("Delete", _delete),
    ("Read", _read),
    ("Status", _status),
    ("ListStatuses", _list_statuses),
    ("Abort", _abort),
    ("Write", _write),
)


def _messages() -> Any:
    from bake.buildkit.messages import content_pb2

    return content_pb2


def _send(stream: Stream, message: Protobuf) -> None:
    stream.send(message.SerializeToString())


def _blob_message(blob: Blob) -> content_pb2.Info:
    info: content_pb2.Info = _messages().Info(
        digest=blob.digest,
        size=blob.size,
        created_at=_timestamp(blob.created),
        updated_at=_timestamp(blob.updated),
    )
    return info


def _ingest_message(ingest: Ingest) -> content_pb2.Status:
    status: content_pb2.Status = _messages().Status(
        ref=ingest.ref,
        offset=ingest.offset,
        total=ingest.total,
        started_at=_timestamp(ingest.started),
        updated_at=_timestamp(ingest.updated),
    )
    return status


def _timestamp(seconds: float) -> common_pb2.Timestamp:
    from bake.buildkit.messages.common_pb2 import Timestamp

    whole = int(seconds // 1)
    return Timestamp(seconds=whole, nanos=int((seconds - whole) * 1e9))
