from __future__ import annotations

import pytest

from bake.ui.visible import visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain ü\t\n", "plain ü\t\n"),
        ("\x1b[2Ka\rb\0", "␛[2Ka␍b␀"),
        ("\x7f\x80\x9f\xa0", "␡\ufffd\ufffd\xa0"),
    ],
)
def test_pictures_stand_for_what_would_command(text: str, shown: str) -> None:
    assert visible(text) == shown
