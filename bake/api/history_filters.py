"""`history ls --filter`: which records are meant.

Takes buildx's texts (`status=error`, `startedAt>=24h`), gives functions of records. The rules are
dockerFiltersToBuildkit's (commands/history/utils.go, 0.36.1).
"""

from __future__ import annotations

import operator
from datetime import datetime
from typing import TYPE_CHECKING

from bake.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bake.buildkit.history import Record

    Accept = Callable[[Record], bool]

SEPARATORS = ("!=", "<=", ">=", "=", "<", ">")
"""Longer ones first; 0.36.1 looks for `=` before `<=` and refuses `startedAt>=24h`."""
TEXTS = ("ref", "repository", "status")
TIMES = ("startedAt", "completedAt", "duration")
_COMPARE = {"<=": operator.le, "<": operator.lt, ">=": operator.ge, ">": operator.gt}
_HINT = "for example `status=error`, `repository=URL`, `startedAt>24h`, `duration<1m`"


def matchers(filters: Sequence[str], now: float) -> list[Accept]:
    """One function for each filter; a record has to please all of them. Raises UsageError."""
    return [_accept(*_cut(text), now) for text in filters]


def _cut(text: str) -> tuple[str, str, str]:
    at = min((found for one in "!=<>" if (found := text.find(one)) > 0), default=-1)
    separator = next((one for one in SEPARATORS if text.startswith(one, at)), "")
    if at < 0 or not separator:
        raise UsageError(f'invalid filter "{text}"', hint=_HINT)
    key, value = text[:at], text[at + len(separator) :]
    if key not in (*TEXTS, *TIMES):
        raise UsageError(f'unsupported filter "{text}"', hint=_HINT)
    allowed = ("=", "!=") if key in TEXTS else tuple(_COMPARE)
    if separator not in allowed:
        raise UsageError(f'invalid separator for "{text}", expected {" or ".join(allowed)}', hint=_HINT)
    return key, separator, value


def _accept(key: str, separator: str, value: str, now: float) -> Accept:
    if key in TEXTS:
        return _text(key, separator, value)
    compare, limit = _COMPARE[separator], _limit(key, value, now)
    return lambda record: compare(_number(key, record), limit)


def _text(key: str, separator: str, value: str) -> Accept:
    def accept(record: Record) -> bool:
        found = _word(key, record)
        if separator == "!=":
            return found != value
        return found == value if key == "status" else value in found

    return accept


def _word(key: str, record: Record) -> str:
    if key == "ref":
        return record.ref
    if key == "repository":
        return _repository(record)
    if record.completed_ns is None:
        return "running"
    if not record.error:
        return "completed"
    return "canceled" if "context canceled" in record.error else "error"


def _repository(record: Record) -> str:
    """What Git said of the sources, else the repository that was the context."""
    from bake.buildkit import giturl

    if "vcs:source" in record.attrs:
        return record.attrs["vcs:source"]
    try:
        found = giturl.parse(record.attrs.get("context", ""))
    except ValueError:
        return ""
    return found.remote if found else ""


def _number(key: str, record: Record) -> float:
    created, completed = record.created_at or 0.0, record.completed_at
    if key == "startedAt":
        return created
    if key == "completedAt":
        return completed or 0.0
    return completed - created if completed is not None else 0.0


def _limit(key: str, value: str, now: float) -> float:
    from bake.quantities import parse_seconds

    try:
        seconds = parse_seconds(value)
        return seconds if key == "duration" else now - seconds
    except ValueError:
        if key == "duration":
            raise UsageError(f"invalid duration {value}", hint=_HINT) from None
    try:
        return datetime.fromisoformat(value).timestamp()
    except ValueError:
        raise UsageError(f"invalid time {value}", hint=_HINT) from None
