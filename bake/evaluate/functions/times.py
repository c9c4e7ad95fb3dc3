"""Timestamps: now, formatted, taken apart, moved."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from bake.evaluate.functions.clock import MONTHS, WEEKDAYS, Time, parse, parse_lenient
from bake.evaluate.functions.function import Function, FunctionError, Parameter
from bake.evaluate.types import NUMBER, STRING, Object
from bake.evaluate.values import Value, normalized, object_of, string, whole
from bake.goquote import quoted
from bake.quantities import parse_duration

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from bake.host import Host


def _timestamp(_arguments: Sequence[Value], host: Host) -> Value:
    return string(Time(math.floor(host.now())).rfc3339())


def _format_date(arguments: Sequence[Value], _host: Host) -> Value:
    return _formatted(arguments[0].raw, arguments[1].raw)


def _format_timestamp(arguments: Sequence[Value], _host: Host) -> Value:
    layout, time = arguments
    if time.type == NUMBER:
        moment = _unix(time, 1)
        return string(str(moment.seconds)) if layout.raw == "X" else _formatted(layout.raw, moment.rfc3339())
    if time.type != STRING:
        raise FunctionError("must be a string timestamp or a unix timestamp number", 1)
    if layout.raw != "X":
        return _formatted(layout.raw, time.raw)
    parsed = parse_lenient(time.raw)
    if parsed is None:
        raise FunctionError("timestamp string must be RFC3339", 1)
    return string(str(parsed.seconds))


def _unix(value: Value, argument: int) -> Time:
    number = value.raw
    if not number.is_integer or number.magnitude > 64 or not -(2**63) <= int(number) < 2**63:
        raise FunctionError("unix timestamp must be an integer", argument)
    return Time(int(number))


def _formatted(layout: str, timestamp: str) -> Value:
    try:
        time = parse(timestamp)
    except ValueError as error:
        raise FunctionError(str(error), 1) from error
    return normalized("".join(_written(token, time) for token in _tokens(layout)))


def _tokens(layout: str) -> Iterator[str]:
    """Quoted literals with their quotes, runs of one letter, and what stands between."""
    at = 0
    while at < len(layout):
        char = layout[at]
        end = at + 1
        if char == "'":
            end = _literal_end(layout, at)
        elif _is_verb(char):
            while layout[end : end + 1] == char:
                end += 1
        else:
            while end < len(layout) and layout[end] != "'" and not _is_verb(layout[end]):
                end += 1
        yield layout[at:end]
        at = end


def _literal_end(layout: str, start: int) -> int:
    if layout.startswith("''", start):
        return start + 2
    at = start + 1
    while at < len(layout):
        if layout[at] == "'":
            if layout[at + 1 : at + 2] != "'":
                return at + 1
            at += 1
        at += 1
    return len(layout)


def _is_verb(char: str) -> bool:
    return char.isascii() and char.isalpha()


def _written(token: str, time: Time) -> str:
    if token.startswith("'"):
        if len(token) == 1 or not token.endswith("'"):
            raise FunctionError("unterminated literal '", 0)
        return "'" if len(token) == 2 else token[1:-1].replace("''", "'")
    if not _is_verb(token[0]):
        return token
    forms = _VERBS.get(token[0])
    if forms is None:
        raise FunctionError(f"invalid date format verb {quoted(token)}", 0)
    write = forms.get(len(token))
    if write is None:
        raise FunctionError(f"invalid date format verb {quoted(token)}: {_ALLOWED[token[0]]}", 0)
    return write(time)


def _number(read: Callable[[Time], int]) -> dict[int, Callable[[Time], str]]:
    return {1: lambda time: f"{read(time)}", 2: lambda time: f"{read(time):02d}"}


_VERBS: Final[dict[str, dict[int, Callable[[Time], str]]]] = {
    "Y": {2: lambda time: f"{time.date[0] % 100:02d}", 4: lambda time: f"{time.date[0]:04d}"},
    "M": _number(lambda time: time.date[1])
    | {3: lambda time: MONTHS[time.date[1] - 1][:3], 4: lambda time: MONTHS[time.date[1] - 1]},
    "D": _number(lambda time: time.date[2]),
    "E": {3: lambda time: WEEKDAYS[time.weekday][:3], 4: lambda time: WEEKDAYS[time.weekday]},
    "h": _number(lambda time: time.clock[0]),
    "H": _number(lambda time: time.clock[0] % 12 or 12),
    "A": {2: lambda time: "PM" if time.clock[0] >= 12 else "AM"},
    "a": {2: lambda time: "pm" if time.clock[0] >= 12 else "am"},
    "m": _number(lambda time: time.clock[1]),
    "s": _number(lambda time: time.clock[2]),
    "Z": {
        1: lambda time: time.zone(":") if time.offset else "Z",
        3: lambda time: time.zone() if time.offset else "UTC",
        4: lambda time: time.zone(),
        5: lambda time: time.zone(":"),
    },
}
_ALLOWED: Final = {
    "Y": 'year must either be "YY" or "YYYY"',
    "M": 'month must be "M", "MM", "MMM", or "MMMM"',
    "D": 'day of month must either be "D" or "DD"',
    "E": 'day of week must either be "EEE" or "EEEE"',
    "h": '24-hour must either be "h" or "hh"',
    "H": '12-hour must either be "H" or "HH"',
    "A": 'must be "AA"',
    "a": 'must be "aa"',
    "m": 'minute must either be "m" or "mm"',
    "s": 'second must either be "s" or "ss"',
    "Z": "timezone must be Z, ZZZZ, or ZZZZZ",
}


def _time_add(arguments: Sequence[Value], _host: Host) -> Value:
    try:
        moved = parse(arguments[0].raw).plus(parse_duration(arguments[1].raw))
    except ValueError as error:
        raise FunctionError(str(error)) from error
    return string(moved.rfc3339())


def _unix_parse(arguments: Sequence[Value], _host: Host) -> Value:
    time = _unix(arguments[0], 0)
    (year, month, day), (hour, minute, second) = time.date, time.clock
    iso_year, iso_week = time.iso_week
    numbers = {
        "day": day,
        "hour": hour,
        "iso_week": iso_week,
        "iso_year": iso_year,
        "minute": minute,
        "month": month,
        "second": second,
        "weekday": time.weekday,
        "year": year,
        "year_day": time.year_day,
    }
    texts = {
        "month_name": MONTHS[month - 1],
        "rfc3339": time.rfc3339(),
        "weekday_name": WEEKDAYS[time.weekday],
    }
    attributes = {key: whole(one) for key, one in numbers.items()} | {
        key: string(one) for key, one in texts.items()
    }
    return object_of(attributes)


FUNCTIONS: Final = {
    "formatdate": Function(
        _format_date, (Parameter("format", STRING), Parameter("time", STRING)), returns=STRING
    ),
    "formattimestamp": Function(
        _format_timestamp, (Parameter("format", STRING), Parameter("time")), returns=STRING
    ),
    "timeadd": Function(
        _time_add, (Parameter("timestamp", STRING), Parameter("duration", STRING)), returns=STRING
    ),
    "timestamp": Function(_timestamp, returns=STRING),
    "unixtimestampparse": Function(_unix_parse, (Parameter("unix_timestamp", NUMBER),), returns=Object()),
}
