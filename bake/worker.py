"""What a BuildKit says of itself: its version, its workers, the records of its cache.

Times are seconds since the epoch unless they say nanoseconds, durations seconds, sizes bytes.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from bake.record import record

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bake.platforms import Platform


@record
class Version:
    """What BuildKit says of itself; an Engine leaves most of it empty."""

    package: str = ""
    version: str = ""
    revision: str = ""


@record
class GCPolicy:
    """One rule of garbage collection. 0 is no limit."""

    all: bool = False
    filters: tuple[str, ...] = ()
    keep_duration: float = 0.0
    reserved_space: int = 0
    max_used_space: int = 0
    min_free_space: int = 0


@record
class Device:
    """A CDI device that steps may ask for."""

    name: str
    auto_allow: bool = False
    annotations: Mapping[str, str] = field(default_factory=dict)
    on_demand: bool = False


@record
class Worker:
    """One worker. `platforms` come native first."""

    id: str
    labels: Mapping[str, str] = field(default_factory=dict)
    platforms: tuple[Platform, ...] = ()
    gc_policy: tuple[GCPolicy, ...] = ()
    version: Version = Version()
    devices: tuple[Device, ...] = ()


@record
class UsageRecord:
    """One record of the build cache. `created_nanos` is `created_at` to the nanosecond."""

    id: str
    size: int = 0
    mutable: bool = False
    in_use: bool = False
    shared: bool = False
    parents: tuple[str, ...] = ()
    created_at: float | None = None
    last_used_at: float | None = None
    usage_count: int = 0
    description: str = ""
    type: str = ""
    created_nanos: int = 0
