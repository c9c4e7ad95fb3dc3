"""Times as seconds since the epoch: from BuildKit's messages, and from texts of RFC 3339."""

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


def from_text(text: str) -> float:
    """A time of RFC 3339 with any number of decimals, as containerd and registries write it.

    Raises ValueError.
    """
    from datetime import datetime

    return datetime.fromisoformat(text.strip()).timestamp()


def as_text(seconds: float) -> str:
    """That time in RFC 3339, in UTC."""
    from datetime import UTC, datetime

    return datetime.fromtimestamp(seconds, UTC).isoformat()
