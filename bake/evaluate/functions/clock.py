"""Points in time: RFC 3339 both ways, the calendar.

`datetime` is left alone because years 0 and above 9999 occur; the calendar is the proleptic Gregorian.
Complaints are those of Go's time package and of cty.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from bake.goquote import quoted

MONTHS: Final = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
WEEKDAYS: Final = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
_DAY: Final = 86400
_SECOND: Final = 10**9


class Time(NamedTuple):
    """Seconds since 1970 in UTC, the nanoseconds on top, and the offset of the place in seconds."""

    seconds: int
    nanoseconds: int = 0
    offset: int = 0

    @property
    def date(self) -> tuple[int, int, int]:
        """Year, month and day at the place."""
        # Howard Hinnant's civil_from_days: years begin in March, eras have 400 years
        era, day = divmod((self.seconds + self.offset) // _DAY + 719468, 146097)
        year = (day - day // 1460 + day // 36524 - day // 146096) // 365
        day -= 365 * year + year // 4 - year // 100
        month = (5 * day + 2) // 153
        civil_month = month + 3 if month < 10 else month - 9
        return era * 400 + year + (civil_month <= 2), civil_month, day - (153 * month + 2) // 5 + 1

    @property
    def clock(self) -> tuple[int, int, int]:
        """Hour, minute and second at the place."""
        second = (self.seconds + self.offset) % _DAY
        return second // 3600, second // 60 % 60, second % 60

    @property
    def weekday(self) -> int:
        """0 for Sunday."""
        return ((self.seconds + self.offset) // _DAY + 4) % 7

    @property
    def year_day(self) -> int:
        """1 for the first of January."""
        year = self.date[0]
        return (self.seconds + self.offset) // _DAY - days_before(year, 1, 1) + 1

    @property
    def iso_week(self) -> tuple[int, int]:
        """ISO 8601's year and week: those of the week's Thursday."""
        thursday = self.plus((3 - (self.weekday - 1) % 7) * _DAY * _SECOND)
        return thursday.date[0], (thursday.year_day - 1) // 7 + 1

    def plus(self, nanoseconds: int) -> Time:
        seconds, rest = divmod(self.nanoseconds + nanoseconds, _SECOND)
        return Time(self.seconds + seconds, rest, self.offset)

    def zone(self, separator: str = "") -> str:
        """The offset: +hhmm with the separator between."""
        minutes = abs(self.offset) // 60
        return f"{'-' if self.offset < 0 else '+'}{minutes // 60:02d}{separator}{minutes % 60:02d}"

    def rfc3339(self) -> str:
        """Without fractions of seconds."""
        year, month, day = self.date
        hour, minute, second = self.clock
        zone = self.zone(":") if self.offset else "Z"
        date = f"{'-' if year < 0 else ''}{abs(year):04d}-{month:02d}-{day:02d}"
        return f"{date}T{hour:02d}:{minute:02d}:{second:02d}{zone}"


def days_before(year: int, month: int, day: int) -> int:
    """Days from 1970-01-01 to that date."""
    year -= month <= 2
    era, year = divmod(year, 400)
    day_of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    return era * 146097 + year * 365 + year // 4 - year // 100 + day_of_year - 719468


_STRICT: Final = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:Z|([+-])(\d\d):(\d\d))", re.ASCII
)
_LENIENT: Final = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)T(\d\d?):(\d\d):(\d\d)(?:[.,](\d+))?(?:Z|([+-])(\d\d):(\d\d))", re.ASCII
)


def parse(text: str) -> Time:
    """An RFC 3339 timestamp. Raises ValueError, in cty's words."""
    found = _time(_STRICT.fullmatch(text), 23, 59)
    if found is None:
        raise ValueError(f"not a valid RFC3339 timestamp{_complaint(text)}")
    return found


def parse_lenient(text: str) -> Time | None:
    """As Go's own time package takes it: hours of one digit, a comma, zones up to 24:60."""
    return _time(_LENIENT.fullmatch(text), 24, 60)


def _time(found: re.Match[str] | None, max_zone_hour: int, max_zone_minute: int) -> Time | None:
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(found[group]) for group in range(1, 7))
    zone_hour, zone_minute = int(found[9] or 0), int(found[10] or 0)
    if not (
        1 <= month <= 12 and 1 <= day <= _days_in(year, month) and hour < 24 and minute < 60 and second < 60
    ):
        return None
    if zone_hour > max_zone_hour or zone_minute > max_zone_minute:
        return None
    offset = (zone_hour * 60 + zone_minute) * 60 * (-1 if found[8] == "-" else 1)
    seconds = days_before(year, month, day) * _DAY + hour * 3600 + minute * 60 + second - offset
    return Time(seconds, int((found[7] or "")[:9].ljust(9, "0")), offset)


def _days_in(year: int, month: int) -> int:
    following = (year, month + 1) if month < 12 else (year + 1, 1)
    return days_before(*following, 1) - days_before(year, month, 1)


class _Step(NamedTuple):
    """One element of the layout: what stands before it, its name, its form and its range."""

    before: str
    what: str
    form: re.Pattern[str]
    low: int
    high: int


_TWO_DIGITS: Final = re.compile(r"\d\d", re.ASCII)
_STEPS: Final = (
    _Step("", "year", re.compile(r"\d{4}", re.ASCII), 0, 9999),
    _Step("-", "month", _TWO_DIGITS, 1, 12),
    _Step("-", "day of month", _TWO_DIGITS, 0, 99),
    _Step("T", "hour", re.compile(r"\d\d?", re.ASCII), 0, 23),
    _Step(":", "minute", _TWO_DIGITS, 0, 59),
    _Step(":", "second", _TWO_DIGITS, 0, 59),
)


def _complaint(text: str) -> str:
    """What is wrong with a timestamp, found by walking along the layout as Go does."""
    rest = text
    for step in _STEPS:
        if step.before and not rest.startswith(step.before):
            return _missing(step.before, rest)
        rest = rest[len(step.before) :]
        found = step.form.match(rest)
        if found is None:
            return _unusable(step.what, rest)
        rest = rest[found.end() :]
        if not step.low <= int(found[0]) <= step.high:
            return _unusable(step.what, rest)
        if step.what == "second" and (fraction := re.match(r"[.,]\d+", rest, re.ASCII)):
            rest = rest[fraction.end() :]
    return _zone_complaint(text, rest)


def _missing(expected: str, rest: str) -> str:
    if expected == "T":
        return ": missing required time introducer 'T'"
    if not rest:
        return f": end of string where {quoted(expected)} is expected"
    return f": found {quoted(rest)} where {quoted(expected)} is expected"


def _unusable(what: str, rest: str) -> str:
    if not rest:
        return f": end of string before {what}"
    if what == "hour" and ":" in rest:
        return ": hour must be between 0 and 23 inclusive"
    if what in ("hour", "minute") and len(rest.encode()) != 2:
        return f": {what} must have exactly two digits"
    return f": cannot use {quoted(rest)} as {what}"


def _zone_complaint(text: str, rest: str) -> str:
    zone = re.match(r"Z|[+-](\d\d):(\d\d)", rest, re.ASCII)
    if zone is None:
        return _unusable("UTC offset", rest)
    extra = rest[zone.end() :]
    if zone[1] and (int(zone[1]) > 24 or int(zone[2]) > 60):
        return _unusable("UTC offset", extra)
    if extra:
        return _unusable("timestamp segment", extra)
    if _LENIENT.fullmatch(text) and parse_lenient(text) is None:
        return ": day out of range"
    if text[12:13] == ":":
        return ": hour must have exactly two digits"
    if text[19:20] == ",":
        return _unusable("timestamp segment", ",")
    return _unusable("UTC offset", zone[0])
