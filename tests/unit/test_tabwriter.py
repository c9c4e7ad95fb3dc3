"""Columns as Go's text/tabwriter sets them."""

from __future__ import annotations

import pytest

from bake.tabwriter import aligned


@pytest.mark.parametrize(
    ("text", "set_out"),
    [
        ("TARGET\tDESCRIPTION\na\tx", "TARGET\tDESCRIPTION\na\tx"),
        ("TARGET\tD\nlongname\tx", "TARGET\t\tD\nlongname\tx"),
        ("a\t\tc\nbb\t\td", "a\t\tc\nbb\t\td"),
        # a line without the cell ends the column
        ("a\tx\nplain\nlonger-than-8\ty", "a\tx\nplain\nlonger-than-8\ty"),
        ("1234567\tx\n12345678\ty", "1234567\t\tx\n12345678\ty"),
        ("", ""),
    ],
)
def test_aligned(text: str, set_out: str) -> None:
    assert aligned(text) == set_out
