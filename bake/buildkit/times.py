"""BuildKit's timestamps as seconds since the epoch."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from google.protobuf.message import Message

NANOSECOND = 1e-9


def seconds(message: Message, field: str) -> float | None:
    """The Timestamp in `field` of `message`, None if it is not set."""
    if not message.HasField(field):
        return None
    timestamp = getattr(message, field)
    return float(timestamp.seconds + timestamp.nanos * NANOSECOND)


def nanoseconds(message: Message, field: str) -> int | None:
    """The Timestamp in `field` of `message` in whole nanoseconds, None if it is not set."""
    if not message.HasField(field):
        return None
    timestamp = getattr(message, field)
    return int(timestamp.seconds) * 10**9 + int(timestamp.nanos)
