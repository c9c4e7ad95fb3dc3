"""Numbers and times as text."""

from __future__ import annotations


def rfc3339(at: float, precision: str = "microseconds") -> str:
    """A time since 1970 in UTC; `precision` is a `timespec` of Python's `isoformat`."""
    from datetime import UTC, datetime

    return datetime.fromtimestamp(at, UTC).isoformat(timespec=precision).replace("+00:00", "Z")


def moment(at: float | None) -> str | None:
    """The time as BuildKit's clients write it, None for none."""
    return None if at is None else rfc3339(at)


def human_bytes(count: int) -> str:
    """`count` bytes in decimal units with two places, as BuildKit's progress writes them: `1.05MB`."""
    size = float(count)
    for unit in ("B", "kB", "MB", "GB", "TB", "PB"):
        if abs(size) < 1000 or unit == "PB":
            return f"{count}B" if unit == "B" else f"{size:.2f}{unit}"
        size /= 1000
    raise AssertionError("the loop above returns")


def human_seconds(seconds: float) -> str:
    """`0.4s`, `12.3s`, `4m05s`, `1h02m`."""
    if seconds < 60:
        return f"{seconds:.1f}s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}h{minutes:02d}m" if hours else f"{minutes}m{rest:02d}s"
