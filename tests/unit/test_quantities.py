"""What is printed are values that docker's go-units and Go's time print."""

from __future__ import annotations

import pytest

from bake.quantities import (
    binary_size,
    go_duration,
    human_duration,
    human_size,
    parse_duration,
    parse_seconds,
    parse_size,
)

DAY = 24 * 3600


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("0", 0),
        ("32", 32),
        ("32b", 32),
        ("32B", 32),
        ("32k", 32 << 10),
        ("32K", 32 << 10),
        ("32kb", 32 << 10),
        ("32KiB", 32 << 10),
        ("32 MB", 32 << 20),
        ("1.5g", 3 << 29),
        (".5t", 1 << 39),
        ("1.p", 1 << 50),
        ("+1", 1),
        ("1 ", 1),
        ("1.9", 1),
    ],
)
def test_sizes(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "b", "-1", "1  k", "1e3", "much", "1.5.5m", "8388608t", "9" * 400])
def test_what_is_no_size(text: str) -> None:
    with pytest.raises(ValueError, match=f"invalid size: '{text}'"):
        parse_size(text)


@pytest.mark.parametrize("text", ["1x", "1kx", "1ki", "1KIBI", "1bb", "1\u0661"])
def test_what_is_no_unit(text: str) -> None:
    with pytest.raises(ValueError, match=f"invalid suffix: '{text[1:].lower()}'"):
        parse_size(text)


@pytest.mark.parametrize(
    ("text", "nanoseconds"),
    [
        ("0", 0),
        ("-0", 0),
        ("1ns", 1),
        ("2us", 2_000),
        ("2\u00b5s", 2_000),
        ("2\u03bcs", 2_000),
        ("300ms", 300_000_000),
        ("1h30m", 5400 * 10**9),
        ("-1.5s", -1_500_000_000),
        ("+.5s", 500_000_000),
        ("1.s", 10**9),
        ("9223372036854775807ns", 2**63 - 1),
        ("-9223372036854775808ns", -(2**63)),
    ],
)
def test_durations(text: str, nanoseconds: int) -> None:
    assert parse_duration(text) == nanoseconds


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", 'invalid duration ""'),
        ("-", 'invalid duration "-"'),
        (".s", 'invalid duration ".s"'),
        ("soon", 'invalid duration "soon"'),
        ("10", 'missing unit in duration "10"'),
        ("1d", 'unknown unit "d" in duration "1d"'),
        ("1h 30m", 'unknown unit "h " in duration "1h 30m"'),
        ("9223372036854775808ns", 'invalid duration "9223372036854775808ns"'),
        ("3000000h", 'invalid duration "3000000h"'),
    ],
)
def test_what_is_no_duration(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=f"^time: {said}$"):
        parse_duration(text)


def test_seconds_of_a_duration() -> None:
    assert parse_seconds("1m0.5s") == 60.5


@pytest.mark.parametrize(
    ("count", "decimal", "binary"),
    [
        (0, "0B", "0B"),
        (999, "999B", "999B"),
        (1000, "1kB", "1000B"),
        (4096, "4.096kB", "4KiB"),
        (2040000, "2.04MB", "1.945MiB"),
        (3592570859, "3.593GB", "3.346GiB"),
        (202000000000, "202GB", "188.1GiB"),
        (10**15, "1PB", "909.5TiB"),
    ],
)
def test_sizes_for_people(count: int, decimal: str, binary: str) -> None:
    assert human_size(count) == decimal
    assert binary_size(count) == binary


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-3, "Less than a second"),
        (0.9, "Less than a second"),
        (1.9, "1 second"),
        (59.9, "59 seconds"),
        (60, "About a minute"),
        (119, "About a minute"),
        (120, "2 minutes"),
        (3599, "59 minutes"),
        (3600, "About an hour"),
        (5400, "2 hours"),
        (9000, "3 hours"),
        (47 * 3600, "47 hours"),
        (48 * 3600, "2 days"),
        (13 * DAY, "13 days"),
        (14 * DAY, "2 weeks"),
        (60 * DAY, "2 months"),
        (729 * DAY, "24 months"),
        (730 * DAY, "2 years"),
    ],
)
def test_about_how_long(seconds: float, words: str) -> None:
    assert human_duration(seconds) == words


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(1, "1s"), (1.5, "1.5s"), (90, "1m30s"), (3600, "1h0m0s"), (172800, "48h0m0s"), (61.25, "1m1.25s")],
)
def test_durations_as_go_prints_them(seconds: float, text: str) -> None:
    assert go_duration(seconds) == text
