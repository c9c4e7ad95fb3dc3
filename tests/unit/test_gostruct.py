"""What templates see of values."""

from __future__ import annotations

import pytest

from bake.gostruct import Time


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("2026-11-21T11:00:57.702946128Z", "2026-11-21 11:00:57.702946128 +0000 UTC"),
        ("2020-09-13T12:26:40Z", "2020-09-13 12:26:40 +0000 UTC"),
        ("2020-09-13T12:26:40.5+02:00", "2020-09-13 12:26:40.5 +0200 +0200"),
        ("2020-09-13T12:26:40-03:30", "2020-09-13 12:26:40 -0330 -0330"),
        ("some day", "some day"),
    ],
)
def test_times_print_as_go_does(written: str, printed: str) -> None:
    assert Time(written).printed == printed
    assert Time(written) == written
