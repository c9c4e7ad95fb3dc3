from __future__ import annotations

import pytest

from bake.quantities import parse_duration, parse_seconds, parse_size


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
    ],
)
def test_sizes(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "b", "-1", "1x", "1kx", "1  k", "1ki", "1kibi", "1e3", "much"])
def test_what_is_no_size(text: str) -> None:
    with pytest.raises(ValueError, match=f"invalid size: '{text}'"):
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
