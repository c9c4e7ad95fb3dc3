from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from bake.buildkit.content import CHUNK, Store
from bake.buildkit.messages import content_pb2 as pb
from bake.buildkit.services import content
from bake.buildkit.stream import (
    ALREADY_EXISTS,
    FAILED_PRECONDITION,
    INVALID_ARGUMENT,
    NOT_FOUND,
    OUT_OF_RANGE,
    RpcError,
)
from tests.fakes.streams import Call, ask

if TYPE_CHECKING:
    from pathlib import Path

    from google.protobuf.message import Message

SERVICE = "/containerd.services.content.v1.Content/"
LOCAL = {"buildkit-attachable-store-id": ["local:/cache"]}

DATA = bytes(range(256)) * 5000
DIGEST = f"sha256:{hashlib.sha256(DATA).hexdigest()}"
OTHER = f"sha256:{hashlib.sha256(b'other').hexdigest()}"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(str(tmp_path))


def calling(store: Store, method: str) -> Call:
    return Call(content.methods({"local:/cache": store})[SERVICE + method], LOCAL)


def asked(store: Store, method: str, request: Message) -> bytes:
    handler = content.methods({"local:/cache": store})[SERVICE + method]
    return ask(handler, request.SerializeToString(), LOCAL)


def code_of(store: Store, method: str, request: Message) -> int:
    with pytest.raises(RpcError) as caught:
        asked(store, method, request)
    return caught.value.code


def exchange(call: Call, **fields: object) -> pb.WriteContentResponse:
    call.stream.send(pb.WriteContentRequest(**fields).SerializeToString())  # type: ignore[arg-type]
    return pb.WriteContentResponse.FromString(call.stream.recv() or b"")


def code_after(call: Call, **fields: object) -> int:
    with pytest.raises(RpcError) as caught:
        exchange(call, **fields)
    call.wait()
    return caught.value.code


def test_a_blob_is_written_as_buildkit_does(store: Store) -> None:
    call = calling(store, "Write")
    first = exchange(call, action=pb.STAT, ref="r", total=len(DATA), expected=DIGEST)
    assert (first.action, first.offset, first.total) == (pb.STAT, 0, len(DATA))
    assert first.started_at.seconds > 0
    second = exchange(call, action=pb.WRITE, data=DATA[:1000])
    assert (second.action, second.offset) == (pb.WRITE, 1000)
    third = exchange(call, action=pb.WRITE, offset=1000, data=DATA[1000:])
    assert third.offset == len(DATA)
    last = exchange(call, action=pb.COMMIT, offset=len(DATA), total=len(DATA), expected=DIGEST)
    assert (last.action, last.digest) == (pb.COMMIT, DIGEST)
    call.wait()
    assert call.error is None
    assert b"".join(store.read(DIGEST)) == DATA


def test_a_write_is_continued(store: Store) -> None:
    call = calling(store, "Write")
    exchange(call, action=pb.WRITE, ref="r", data=DATA[:10])
    call.stream.close_send()
    call.wait()
    status = pb.StatusResponse.FromString(asked(store, "Status", pb.StatusRequest(ref="r"))).status
    assert (status.ref, status.offset) == ("r", 10)
    call = calling(store, "Write")
    assert exchange(call, action=pb.STAT, ref="r").offset == 10
    assert exchange(call, action=pb.COMMIT, offset=10, data=DATA[10:], expected=DIGEST).digest == DIGEST


def test_offset_nothing_begins_anew(store: Store) -> None:
    call = calling(store, "Write")
    exchange(call, action=pb.WRITE, ref="r", data=b"wrong")
    assert exchange(call, action=pb.WRITE, data=DATA).offset == len(DATA)
    assert exchange(call, action=pb.COMMIT, offset=len(DATA), expected=DIGEST).digest == DIGEST


def test_a_blob_that_is_there_is_said_to_be(store: Store) -> None:
    store.put(DATA)
    assert code_after(calling(store, "Write"), ref="r", expected=DIGEST) == ALREADY_EXISTS
    call = calling(store, "Write")
    exchange(call, action=pb.WRITE, ref="r", data=DATA)
    assert code_after(call, action=pb.COMMIT, offset=len(DATA), expected=DIGEST) == ALREADY_EXISTS
    assert store.ingests() == []


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"action": pb.COMMIT, "offset": 5, "expected": OTHER}, FAILED_PRECONDITION),
        ({"action": pb.COMMIT, "offset": 5, "total": 4}, FAILED_PRECONDITION),
        ({"action": pb.WRITE, "offset": 3, "data": b"x"}, OUT_OF_RANGE),
    ],
)
def test_a_write_that_does_not_fit_is_refused(store: Store, fields: dict[str, object], code: int) -> None:
    call = calling(store, "Write")
    exchange(call, action=pb.WRITE, ref="r", data=b"12345")
    assert code_after(call, **fields) == code
    assert store.blobs() == []


def test_a_write_needs_a_ref(store: Store) -> None:
    assert code_after(calling(store, "Write"), action=pb.STAT) == INVALID_ARGUMENT


@pytest.mark.parametrize(
    ("offset", "size", "expected"),
    [(0, 0, DATA), (5, 0, DATA[5:]), (5, 7, DATA[5:12]), (len(DATA), 0, b""), (5, 10**9, DATA[5:])],
)
def test_parts_of_a_blob_are_read(store: Store, offset: int, size: int, expected: bytes) -> None:
    store.put(DATA)
    call = calling(store, "Read")
    call.stream.send(pb.ReadContentRequest(digest=DIGEST, offset=offset, size=size).SerializeToString())
    received, at = b"", offset
    while message := call.stream.recv():
        piece = pb.ReadContentResponse.FromString(message)
        assert piece.offset == at
        assert len(piece.data) <= CHUNK
        received += piece.data
        at += len(piece.data)
    assert received == expected


def test_what_is_unknown_is_not_found(store: Store) -> None:
    assert code_of(store, "Info", pb.InfoRequest(digest=OTHER)) == NOT_FOUND
    assert code_of(store, "Read", pb.ReadContentRequest(digest=OTHER)) == NOT_FOUND
    assert code_of(store, "Delete", pb.DeleteContentRequest(digest=OTHER)) == NOT_FOUND
    assert code_of(store, "Status", pb.StatusRequest(ref="r")) == NOT_FOUND
    assert code_of(store, "Abort", pb.AbortRequest(ref="r")) == NOT_FOUND
    assert code_of(store, "Info", pb.InfoRequest(digest="nonsense")) == INVALID_ARGUMENT
    store.put(DATA)
    assert code_of(store, "Read", pb.ReadContentRequest(digest=DIGEST, offset=10**9)) == OUT_OF_RANGE
    assert code_of(store, "Update", pb.UpdateRequest(info=pb.Info(digest=DIGEST))) == FAILED_PRECONDITION


def test_looking_around(store: Store) -> None:
    store.put(DATA)
    info = pb.InfoResponse.FromString(asked(store, "Info", pb.InfoRequest(digest=DIGEST))).info
    assert (info.digest, info.size) == (DIGEST, len(DATA))
    listed = pb.ListContentResponse.FromString(asked(store, "List", pb.ListContentRequest()))
    assert [one.digest for one in listed.info] == [DIGEST]
    store.write("r").close()
    statuses = pb.ListStatusesResponse.FromString(asked(store, "ListStatuses", pb.ListStatusesRequest()))
    assert [one.ref for one in statuses.statuses] == ["r"]
    asked(store, "Abort", pb.AbortRequest(ref="r"))
    asked(store, "Delete", pb.DeleteContentRequest(digest=DIGEST))
    assert (store.blobs(), store.ingests()) == ([], [])


@pytest.mark.parametrize(
    ("metadata", "code"), [({}, INVALID_ARGUMENT), ({"buildkit-attachable-store-id": ["x"]}, NOT_FOUND)]
)
def test_stores_are_chosen_by_a_header(store: Store, metadata: dict[str, list[str]], code: int) -> None:
    with pytest.raises(RpcError) as caught:
        ask(content.methods({"local:/cache": store})[SERVICE + "Info"], b"", metadata)
    assert caught.value.code == code


def test_a_disk_that_fails_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(RpcError, match="file"):
        exchange(calling(Store(str(tmp_path / "file")), "Write"), ref="r")
