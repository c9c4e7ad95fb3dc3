from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bake.evaluate import functions
from bake.host import Host
from tests.fakes.evaluating import faults, plain, value

if TYPE_CHECKING:
    from bake.evaluate.values import Value


@pytest.mark.parametrize(
    ("call", "wanted"),
    [
        ('formattimestamp("YYYY-MM-DD", "2026-03-09T17:05:04Z")', "2026-03-09"),
        ('formattimestamp("EEEE, DD-MMM-YY ZZZ", "2026-03-09T17:05:04+02:00")', "Monday, 09-Mar-26 +0200"),
        ('formattimestamp("X", 1700000000)', "1700000000"),
        ('formattimestamp("X", -1)', "-1"),
        ('formattimestamp("X", "2023-11-14T22:13:20Z")', "1700000000"),
        ('formattimestamp("X", "2023-11-14T24:13:20+02:00")', None),
        ('formattimestamp("X", "2023-11-14T2:13:20,5Z")', "1699928000"),
        ('formattimestamp("YYYYMMDD", 1700000000)', "20231114"),
        ('formattimestamp("HH AA aa H h", "2026-03-09T17:05:04Z")', "05 PM pm 5 17"),
        ('formattimestamp("\'lit\' YY", "2026-03-09T17:05:04Z")', "lit 26"),
        ('formattimestamp("YYYY", -62167219200)', "0000"),
    ],
)
def test_formatting(call: str, wanted: str | None) -> None:
    if wanted is None:
        assert faults(call) == [
            'f.hcl:1,27-52: Invalid function argument; Invalid value for "time" parameter:'
            " timestamp string must be RFC3339."
        ]
    else:
        assert plain(value(call)) == wanted


@pytest.mark.parametrize(
    ("call", "fault"),
    [
        (
            'formattimestamp("YYYY", "nonsense")',
            'time: not a valid RFC3339 timestamp: cannot use "nonsense" as year.',
        ),
        (
            'formattimestamp("Q", "2026-03-09T17:05:04Z")',
            'format: invalid date format verb "Q".',
        ),
        (
            'formattimestamp("X", true)',
            "time: must be a string timestamp or a unix timestamp number.",
        ),
        ('formattimestamp("X", 0.5)', "time: unix timestamp must be an integer."),
        ('formattimestamp("X", 1e30)', "time: unix timestamp must be an integer."),
        ('formattimestamp("YYYY", 253402300800)', None),
        ('formattimestamp("X", null)', "time: argument must not be null."),
        ('unixtimestampparse("x")', "unix_timestamp: a number is required."),
        ("unixtimestampparse(1.5)", "unix_timestamp: unix timestamp must be an integer."),
        ("unixtimestampparse(null)", "unix_timestamp: argument must not be null."),
        ("unixtimestampparse(1 / 0)", "unix_timestamp: unix timestamp must be an integer."),
    ],
)
def test_refusals(call: str, fault: str | None) -> None:
    (found,) = faults(call)
    assert "Invalid function argument; " in found
    if fault is not None:
        parameter, _, reason = fault.partition(": ")
        assert found.endswith(f'Invalid value for "{parameter}" parameter: {reason}')


def test_a_moment_taken_apart() -> None:
    assert plain(value("unixtimestampparse(1700000000)")) == {
        "day": 14,
        "hour": 22,
        "iso_week": 46,
        "iso_year": 2023,
        "minute": 13,
        "month": 11,
        "month_name": "November",
        "rfc3339": "2023-11-14T22:13:20Z",
        "second": 20,
        "weekday": 2,
        "weekday_name": "Tuesday",
        "year": 2023,
        "year_day": 318,
    }


@pytest.mark.parametrize(
    ("seconds", "wanted"),
    [("0", "1970-01-01T00:00:00Z"), ("-1", "1969-12-31T23:59:59Z"), ("-62135596801", "0000-12-31T23:59:59Z")],
)
def test_moments_around_the_epoch(seconds: str, wanted: str) -> None:
    assert plain(value(f"unixtimestampparse({seconds}).rfc3339")) == wanted


def test_a_day_in_january_may_belong_to_last_year_s_week() -> None:
    found = plain(value("unixtimestampparse(1609459200)"))
    assert (found["year"], found["iso_year"], found["iso_week"]) == (2021, 2020, 53)


def test_now_is_the_host_s() -> None:
    assert called("timestamp", Host(now=lambda: 1700000000.9)).raw == "2023-11-14T22:13:20Z"


def called(name: str, host: Host) -> Value:
    function = functions.find(name)
    assert function is not None
    return function.call([], host)
