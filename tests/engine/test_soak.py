"""The soak test, shortened: each kind of round once or twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.soak import soak

if TYPE_CHECKING:
    from tools.engine.packages import Tools


def test_a_short_soak(tools: Tools) -> None:
    found = soak(tools, 5.0, seed=7)
    assert found.complaints == []
    assert set(found.rounds) == {"works", "fails", "is_interrupted", "is_cut", "is_refused"}
