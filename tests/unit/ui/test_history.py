"""Builds of the past as text."""

from __future__ import annotations

import pytest

from bake.ui.history import rfc3339, took


@pytest.mark.parametrize(
    ("nanoseconds", "text"),
    [
        (0, "0.0s"),
        (1_540_000_000, "1.5s"),
        (59_900_000_000, "59.9s"),
        (65_000_000_000, "1m  5s"),
        (3_675_000_000_000, "61m 15s"),
    ],
)
def test_durations_are_as_buildx_writes_them(nanoseconds: int, text: str) -> None:
    assert took(nanoseconds) == text


@pytest.mark.parametrize(
    ("nanoseconds", "text"),
    [
        (0, "1970-01-01T00:00:00Z"),
        (1_500_000_000, "1970-01-01T00:00:01.5Z"),
        (1_000_000_001, "1970-01-01T00:00:01.000000001Z"),
    ],
)
def test_times_have_as_many_digits_as_they_need(nanoseconds: int, text: str) -> None:
    assert rfc3339(nanoseconds) == text
