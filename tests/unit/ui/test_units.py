"""Values are those that docker's go-units and Go's time print."""

from __future__ import annotations

import pytest

from bake.ui.units import binary_size, go_duration, human_duration, human_size

DAY = 24 * 3600


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
def test_sizes(count: int, decimal: str, binary: str) -> None:
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
        (47 * 3600, "47 hours"),
        (48 * 3600, "2 days"),
        (13 * DAY, "13 days"),
        (14 * DAY, "2 weeks"),
        (60 * DAY, "2 months"),
        (729 * DAY, "24 months"),
        (730 * DAY, "2 years"),
    ],
)
def test_durations_in_words(seconds: float, words: str) -> None:
    assert human_duration(seconds) == words


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(1, "1s"), (1.5, "1.5s"), (90, "1m30s"), (3600, "1h0m0s"), (172800, "48h0m0s"), (61.25, "1m1.25s")],
)
def test_go_durations(seconds: float, text: str) -> None:
    assert go_duration(seconds) == text
