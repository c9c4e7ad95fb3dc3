"""BuildKit's memory of builds: records, their logs and attestations.

Takes a `Channel`; times are seconds since the epoch. Raises RpcError.
"""

from __future__ import annotations

from dataclasses import field
from enum import Enum
from typing import TYPE_CHECKING

from bake.buildkit.control import CONTROL
from bake.buildkit.messages import history_pb2
from bake.buildkit.stream import parsed
from bake.buildkit.times import nanoseconds, seconds
from bake.record import record
from bake.solve import CacheEntry

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bake.buildkit.grpc import Channel
    from bake.buildkit.messages import common_pb2
    from bake.progress import SolveStatus

CACHE_IMPORTS = "cache-imports"
READ = "/containerd.services.content.v1.Content/Read"


class EventType(Enum):
    STARTED = 0
    COMPLETE = 1
    DELETED = 2


@record
class Blob:
    """A blob in BuildKit's content store; `read_blob` gives its bytes."""

    media_type: str
    digest: str
    size: int
    annotations: Mapping[str, str] = field(default_factory=dict)


@record
class BuildResult:
    """What a build left for one platform."""

    results: tuple[Blob, ...] = ()
    attestations: tuple[Blob, ...] = ()


@record
class Record:
    """One build. `error_code` is gRPC's, 0 without one; `results` are by platform, "" for a single one.
    `created_ns` and `completed_ns` are the times in whole nanoseconds."""

    ref: str
    frontend: str = ""
    attrs: Mapping[str, str] = field(default_factory=dict)
    exporters: tuple[tuple[str, Mapping[str, str]], ...] = ()
    error: str = ""
    error_code: int = 0
    error_details: bytes = field(default=b"", repr=False)
    created_at: float | None = None
    completed_at: float | None = None
    created_ns: int | None = None
    completed_ns: int | None = None
    logs: Blob | None = None
    trace: Blob | None = None
    external_error: Blob | None = None
    response: Mapping[str, str] = field(default_factory=dict)
    results: Mapping[str, BuildResult] = field(default_factory=dict)
    generation: int = 0
    pinned: bool = False
    cached_steps: int = 0
    total_steps: int = 0
    completed_steps: int = 0
    warnings: int = 0


@record
class HistoryEvent:
    """News of a build: that it began, ended or was deleted."""

    type: EventType
    record: Record


@record
class Query:
    """Which builds. `follow` keeps listening for news; without it the list ends with what is known."""

    ref: str = ""
    active_only: bool = False
    follow: bool = False
    filters: tuple[str, ...] = ()
    limit: int = 0


def listen(channel: Channel, query: Query) -> Iterator[HistoryEvent]:
    """The builds that match. Leaving the iterator early stops listening."""
    request = history_pb2.BuildHistoryRequest(
        active_only=query.active_only,
        ref=query.ref,
        early_exit=not query.follow,
        filter=query.filters,
        limit=query.limit,
    )
    return channel.begin(f"{CONTROL}ListenBuildHistory", request.SerializeToString()).answers(_event)


def _event(message: bytes) -> HistoryEvent:
    event = parsed(history_pb2.BuildHistoryEvent, message)
    return HistoryEvent(EventType(event.type), _record(event.record))


@record
class Update:
    """A change of one record: pinned or not (None leaves it), deleted, or finalized (its trace written)."""

    ref: str
    pinned: bool | None = None
    delete: bool = False
    finalize: bool = False


def update(channel: Channel, change: Update) -> None:
    request = history_pb2.UpdateBuildHistoryRequest(
        ref=change.ref, pinned=bool(change.pinned), delete=change.delete, finalize=change.finalize
    )
    channel.unary(f"{CONTROL}UpdateBuildHistory", request.SerializeToString())


def logs(channel: Channel, ref: str) -> Iterator[SolveStatus]:
    """What the build `ref` reported; of one that still runs, what it goes on reporting."""
    from bake.buildkit.messages.status_pb2 import StatusRequest
    from bake.buildkit.status import parse

    return channel.begin(f"{CONTROL}Status", StatusRequest(ref=ref).SerializeToString()).answers(parse)


def read_blob(channel: Channel, digest: str) -> Iterator[bytes]:
    """The bytes of a blob, in pieces. RpcError NOT_FOUND if there is none."""
    from bake.buildkit.messages.content_pb2 import ReadContentRequest, ReadContentResponse

    call = channel.begin(READ, ReadContentRequest(digest=digest).SerializeToString())
    return call.answers(lambda message: parsed(ReadContentResponse, message).data)


def _without_secrets(attrs: Mapping[str, str]) -> dict[str, str]:
    """The frontend's attributes; BuildKit keeps the credentials of caches that were read among them."""
    found = dict(attrs)
    if CACHE_IMPORTS in found:
        import json

        try:
            entries = [CacheEntry(one["Type"], one["Attrs"]) for one in json.loads(found[CACHE_IMPORTS])]
            shown = [{"Type": entry.type, "Attrs": entry.shown()} for entry in entries]
            found[CACHE_IMPORTS] = json.dumps(shown, ensure_ascii=False)
        except (ValueError, KeyError, TypeError, AttributeError):
            del found[CACHE_IMPORTS]
    return found


def _record(message: history_pb2.BuildHistoryRecord) -> Record:
    results = dict(message.results)
    if message.HasField("result"):
        results[""] = message.result
    return Record(
        ref=message.ref,
        frontend=message.frontend,
        attrs=_without_secrets(message.frontend_attrs),
        exporters=tuple((one.type, dict(one.attrs)) for one in message.exporters),
        error=message.error.message,
        error_code=message.error.code,
        error_details=message.error.SerializeToString(),
        created_at=seconds(message, "created_at"),
        completed_at=seconds(message, "completed_at"),
        created_ns=nanoseconds(message, "created_at"),
        completed_ns=nanoseconds(message, "completed_at"),
        logs=_blob(message, "logs"),
        trace=_blob(message, "trace"),
        external_error=_blob(message, "external_error"),
        response=dict(message.exporter_response),
        results={platform: _result(info) for platform, info in results.items()},
        generation=message.generation,
        pinned=message.pinned,
        cached_steps=message.num_cached_steps,
        total_steps=message.num_total_steps,
        completed_steps=message.num_completed_steps,
        warnings=message.num_warnings,
    )


def _blob(record: history_pb2.BuildHistoryRecord, name: str) -> Blob | None:
    return _descriptor(getattr(record, name)) if record.HasField(name) else None


def _descriptor(message: common_pb2.Descriptor) -> Blob:
    return Blob(message.media_type, message.digest, message.size, dict(message.annotations))


def _result(info: history_pb2.BuildResultInfo) -> BuildResult:
    found = [info.results[key] for key in sorted(info.results)]
    if not found and info.HasField("result_deprecated"):
        found = [info.result_deprecated]
    return BuildResult(tuple(map(_descriptor, found)), tuple(map(_descriptor, info.attestations)))
