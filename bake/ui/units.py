"""Numbers for people."""

from __future__ import annotations


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


def human_size(count: int) -> str:
    """`count` bytes with four digits, in decimal units, as docker's tables have them: `4.096kB`, `2.04MB`."""
    return _scaled(count, 1000, ("B", "kB", "MB", "GB", "TB", "PB", "EB"))


def binary_size(count: int) -> str:
    """`count` bytes with four digits, in powers of 1024: `3.346GiB`."""
    return _scaled(count, 1024, ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"))


def _scaled(count: int, base: int, units: tuple[str, ...]) -> str:
    size, power = float(count), 0
    while size >= base and power < len(units) - 1:
        size, power = size / base, power + 1
    return f"{size:.4g}{units[power]}"


def human_duration(seconds: float) -> str:
    """About how long that is, in docker's words (go-units): `About a minute`, `3 hours`."""
    minutes, hours = int(seconds // 60), int(seconds / 3600 + 0.5)
    steps = (
        (seconds < 1, "Less than a second"),
        (seconds < 2, "1 second"),
        (seconds < 60, f"{int(seconds)} seconds"),
        (minutes == 1, "About a minute"),
        (minutes < 60, f"{minutes} minutes"),
        (hours == 1, "About an hour"),
        (hours < 48, f"{hours} hours"),
        (hours < 24 * 7 * 2, f"{hours // 24} days"),
        (hours < 24 * 30 * 2, f"{hours // 24 // 7} weeks"),
        (hours < 24 * 365 * 2, f"{hours // 24 // 30} months"),
    )
    return next((words for fits, words in steps if fits), f"{int(seconds / 3600) // 24 // 365} years")


def go_duration(seconds: float) -> str:
    """`seconds` as Go prints a duration of at least one: `48h0m0s`, `1m30s`, `1.5s`."""
    whole, fraction = divmod(round(seconds * 1e9), 10**9)
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    tail = f"{rest}" + (f".{fraction:09d}".rstrip("0") if fraction else "") + "s"
    if hours:
        return f"{hours}h{minutes}m{tail}"
    return f"{minutes}m{tail}" if minutes else tail
