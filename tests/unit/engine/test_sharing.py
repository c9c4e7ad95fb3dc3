from __future__ import annotations

from typing import Any

from bake.engine.cancellation import Cancellation
from bake.engine.sharing import split
from bake.solve import InlineTree, LocalTree, Solve, SolveKey

HERE, THERE = LocalTree("/here"), LocalTree("/there")


def solve(name: str, linked: bool = False, **trees: Any) -> Solve:
    return Solve(SolveKey(name), name, "n", locals=trees, linked=linked)


def test_what_several_ask_for_under_one_name_is_shared() -> None:
    found = split([solve("a", context=HERE, dockerfile=THERE), solve("b", context=HERE, dockerfile=HERE)])
    assert found[SolveKey("a")].shared == {"context": HERE}
    assert found[SolveKey("a")].own == {"dockerfile": THERE}
    assert found[SolveKey("b")].own == {"dockerfile": HERE}


def test_what_others_link_to_is_shared_whole() -> None:
    found = split([solve("a", linked=True, context=HERE, dockerfile=InlineTree({}))])
    assert found[SolveKey("a")].shared == {"context": HERE}
    assert found[SolveKey("a")].own == {"dockerfile": InlineTree({})}


def test_a_wish_to_stop_is_heard_before_and_after() -> None:
    heard: list[str] = []
    cancellation = Cancellation()
    cancellation.on_cancel(lambda: heard.append("first"))
    assert not cancellation.requested
    cancellation.cancel()
    cancellation.on_cancel(lambda: heard.append("late"))
    assert cancellation.requested
    assert heard == ["first", "late"]
