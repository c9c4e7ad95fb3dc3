"""BuildKit's housekeeping: workers, disk usage, pruning, as records.

Takes a `Channel`; times are seconds since the epoch, durations seconds, sizes bytes. Raises RpcError.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bake.buildkit.stream import parsed
from bake.buildkit.times import NANOSECOND, seconds
from bake.platforms import Platform
from bake.record import record
from bake.worker import Device, GCPolicy, UsageRecord, Version, Worker

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bake.buildkit.grpc import Channel
    from bake.buildkit.messages import llb_pb2, usage_pb2, worker_pb2

__all__ = [
    "CONTROL",
    "Device",
    "GCPolicy",
    "Prune",
    "UsageRecord",
    "Version",
    "Worker",
    "disk_usage",
    "info",
    "platform",
    "prune",
    "workers",
]

CONTROL = "/moby.buildkit.v1.Control/"


@record
class Prune:
    """What to prune; the default is everything not in use."""

    filters: tuple[str, ...] = ()
    all: bool = False
    keep_duration: float = 0.0
    reserved_space: int = 0
    max_used_space: int = 0
    min_free_space: int = 0


def info(channel: Channel) -> Version:
    from bake.buildkit.messages.worker_pb2 import InfoResponse

    return _version(parsed(InfoResponse, channel.unary(f"{CONTROL}Info", b"")).buildkit_version)


def workers(channel: Channel, filters: Sequence[str] = ()) -> list[Worker]:
    """The workers that match all `filters` (containerd's filter language)."""
    from bake.buildkit.messages.worker_pb2 import ListWorkersRequest, ListWorkersResponse

    request = ListWorkersRequest(filter=filters).SerializeToString()
    answer = parsed(ListWorkersResponse, channel.unary(f"{CONTROL}ListWorkers", request))
    return [_worker(record) for record in answer.record]


def disk_usage(channel: Channel, filters: Sequence[str] = ()) -> list[UsageRecord]:
    from bake.buildkit.messages.usage_pb2 import DiskUsageRequest, DiskUsageResponse

    request = DiskUsageRequest(filter=filters).SerializeToString()
    answer = parsed(DiskUsageResponse, channel.unary(f"{CONTROL}DiskUsage", request))
    return [_usage(record) for record in answer.record]


def prune(channel: Channel, what: Prune) -> Iterator[UsageRecord]:
    """Prune, giving each record as it goes. Leaving the iterator early stops it."""
    from bake.buildkit.messages.usage_pb2 import PruneRequest
    from bake.buildkit.messages.usage_pb2 import UsageRecord as Message

    request = PruneRequest(
        filter=what.filters,
        all=what.all,
        keep_duration=round(what.keep_duration / NANOSECOND),
        reserved_space=what.reserved_space,
        max_used_space=what.max_used_space,
        min_free_space=what.min_free_space,
    )
    call = channel.begin(f"{CONTROL}Prune", request.SerializeToString())
    return call.answers(lambda message: _usage(parsed(Message, message)))


def platform(message: llb_pb2.Platform) -> Platform:
    return Platform(
        message.os, message.architecture, message.variant, message.os_version, tuple(message.os_features)
    )


def _version(message: worker_pb2.BuildkitVersion) -> Version:
    return Version(message.package, message.version, message.revision)


def _worker(message: worker_pb2.Worker) -> Worker:
    return Worker(
        id=message.id,
        labels=dict(message.labels),
        platforms=tuple(map(platform, message.platforms)),
        gc_policy=tuple(map(_policy, message.gc_policy)),
        version=_version(message.buildkit_version),
        devices=tuple(
            Device(one.name, one.auto_allow, dict(one.annotations), one.on_demand)
            for one in message.cdi_devices
        ),
    )


def _policy(message: worker_pb2.GCPolicy) -> GCPolicy:
    return GCPolicy(
        all=message.all,
        filters=tuple(message.filters),
        keep_duration=message.keep_duration * NANOSECOND,
        reserved_space=message.reserved_space,
        max_used_space=message.max_used_space,
        min_free_space=message.min_free_space,
    )


def _usage(message: usage_pb2.UsageRecord) -> UsageRecord:
    return UsageRecord(
        id=message.id,
        size=message.size,
        mutable=message.mutable,
        in_use=message.in_use,
        shared=message.shared,
        parents=tuple(message.parents) or ((message.parent,) if message.parent else ()),
        created_at=seconds(message, "created_at"),
        last_used_at=seconds(message, "last_used_at"),
        usage_count=message.usage_count,
        description=message.description,
        type=message.record_type,
        created_nanos=message.created_at.seconds * 10**9 + message.created_at.nanos,
    )
