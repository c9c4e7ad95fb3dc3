from __future__ import annotations

import pytest

from bake.evaluate.graphemes import clusters


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("abc", ["a", "b", "c"]),
        ("a\r\nb", ["a", "\r\n", "b"]),
        ("e\u0301x", ["e\u0301", "x"]),
        ("👩‍👩‍👧🇩🇪🇫🇷", ["👩‍👩‍👧", "🇩🇪", "🇫🇷"]),
        ("👍🏽", ["👍🏽"]),
        # as before Unicode 15.1: conjuncts are not kept together
        ("नमस्ते", ["न", "म", "स्", "ते"]),
        ("क्षत्रिय", ["क्", "ष", "त्", "रि", "य"]),
        ("\u1112\u1161\u11ab", ["\u1112\u1161\u11ab"]),
    ],
)
def test_clusters(text: str, wanted: list[str]) -> None:
    assert clusters(text) == wanted
