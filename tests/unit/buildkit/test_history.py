"""BuildKit's memory of builds, as records."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bake.buildkit import history
from bake.buildkit.history import Blob, BuildResult, EventType, Query, Record, Update
from bake.buildkit.messages import common_pb2, content_pb2, control_pb2, history_pb2
from bake.buildkit.stream import NOT_FOUND, RpcError
from tests.fakes.buildkit import CONTROL
from tests.fakes.wire import joined

if TYPE_CHECKING:
    from bake.buildkit.stream import Stream

BLOB = common_pb2.Descriptor(media_type="t", digest="sha256:a", size=3, annotations={"k": "v"})


def test_a_record_carries_everything_over() -> None:
    asked: list[history_pb2.BuildHistoryRequest] = []
    record = history_pb2.BuildHistoryRecord(
        ref="r",
        frontend="dockerfile.v0",
        frontend_attrs={"target": "x"},
        exporters=[control_pb2.Exporter(type="image", attrs={"name": "n"})],
        error=common_pb2.Status(code=2, message="broke"),
        created_at=common_pb2.Timestamp(seconds=1),
        completed_at=common_pb2.Timestamp(seconds=2),
        logs=BLOB,
        exporter_response={"a": "b"},
        result=history_pb2.BuildResultInfo(result_deprecated=BLOB),
        results={"linux/amd64": history_pb2.BuildResultInfo(results={0: BLOB}, attestations=[BLOB])},
        pinned=True,
        num_cached_steps=1,
        num_total_steps=3,
        num_completed_steps=2,
        num_warnings=4,
    )

    def listen(stream: Stream) -> None:
        asked.append(history_pb2.BuildHistoryRequest.FromString(stream.recv() or b""))
        event = history_pb2.BuildHistoryEvent(type=history_pb2.COMPLETE, record=record)
        stream.send(event.SerializeToString())

    with joined({f"{CONTROL}ListenBuildHistory": listen}) as channel:
        (event,) = history.listen(channel, Query(ref="r", filters=("a==b",), limit=5))
    blob = Blob("t", "sha256:a", 3, {"k": "v"})
    assert event.type is EventType.COMPLETE
    assert event.record == Record(
        ref="r",
        frontend="dockerfile.v0",
        attrs={"target": "x"},
        exporters=(("image", {"name": "n"}),),
        error="broke",
        error_code=2,
        error_details=record.error.SerializeToString(),
        created_at=1.0,
        completed_at=2.0,
        created_ns=10**9,
        completed_ns=2 * 10**9,
        logs=blob,
        response={"a": "b"},
        results={"": BuildResult((blob,)), "linux/amd64": BuildResult((blob,), (blob,))},
        pinned=True,
        cached_steps=1,
        total_steps=3,
        completed_steps=2,
        warnings=4,
    )
    assert (asked[0].early_exit, asked[0].limit, list(asked[0].filter)) == (True, 5, ["a==b"])


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        (Update("r", pinned=True), history_pb2.UpdateBuildHistoryRequest(ref="r", pinned=True)),
        (Update("r", delete=True), history_pb2.UpdateBuildHistoryRequest(ref="r", delete=True)),
        (Update("r", finalize=True), history_pb2.UpdateBuildHistoryRequest(ref="r", finalize=True)),
    ],
)
def test_changes(change: Update, wanted: history_pb2.UpdateBuildHistoryRequest) -> None:
    asked: list[history_pb2.UpdateBuildHistoryRequest] = []

    def update(stream: Stream) -> None:
        asked.append(history_pb2.UpdateBuildHistoryRequest.FromString(stream.recv() or b""))
        stream.send(b"")

    with joined({f"{CONTROL}UpdateBuildHistory": update}) as channel:
        history.update(channel, change)
    assert asked == [wanted]


def test_a_blob_comes_in_pieces() -> None:
    def read(stream: Stream) -> None:
        request = content_pb2.ReadContentRequest.FromString(stream.recv() or b"")
        if request.digest != "sha256:a":
            raise RpcError(NOT_FOUND, "no such blob")
        for piece in (b"one", b"", b"two"):
            stream.send(content_pb2.ReadContentResponse(data=piece).SerializeToString())

    with joined({history.READ: read}) as channel:
        assert b"".join(history.read_blob(channel, "sha256:a")) == b"onetwo"
        with pytest.raises(RpcError, match="no such blob"):
            list(history.read_blob(channel, "sha256:b"))


@pytest.mark.parametrize(
    ("kept", "shown"),
    [
        (
            '[{"Type": "gha", "Attrs": {"scope": "s", "token": "s3cret"}}]',
            '[{"Type": "gha", "Attrs": {"scope": "s", "token": "…"}}]',
        ),
        ('[{"Type": "s3", "s3cret": 1}]', None),
        ('["s3cret"]', None),
        ("s3cret", None),
    ],
)
def test_credentials_of_caches_are_not_told(kept: str, shown: str | None) -> None:
    attrs = history._without_secrets({"target": "x", "cache-imports": kept})
    assert attrs == {"target": "x"} | ({"cache-imports": shown} if shown else {})
