from __future__ import annotations

import pytest

from bake.errors import DefinitionError
from bake.model.target import Target
from bake.plan import graph
from bake.source import Cause, Origin, Source, Span
from tests.fakes.planning import target


def targets(**links: list[str]) -> dict[str, Target]:
    return {
        name: target(name, contexts={f"c{i}": f"target:{other}" for i, other in enumerate(others)})
        for name, others in links.items()
    }


def test_inputs_come_first_and_the_order_written_else() -> None:
    assert graph.order(targets(a=["c"], b=[], c=["d"], d=[])) == ["d", "c", "a", "b"]


def test_a_cycle_is_named_with_all_its_members() -> None:
    with pytest.raises(DefinitionError) as caught:
        graph.order(targets(x=["a"], a=["b"], b=["c"], c=["a"]))
    assert caught.value.detail == "`a` needs `b` needs `c` needs `a`"


def test_a_target_that_needs_itself() -> None:
    with pytest.raises(DefinitionError, match="contexts of each other"):
        graph.order(targets(a=["a"]))


def test_an_unknown_target_is_named_with_its_place_and_the_nearest_name() -> None:
    source = Source("f.hcl", 'contexts = { x = "target:bsae" }', "hcl")
    origins = {"contexts.x": Origin(Cause.BLOCK, Span(source, 0, 8))}
    wrong = Target(name="app", contexts={"x": "target:bsae"}, origins=origins)
    with pytest.raises(DefinitionError) as caught:
        graph.order({"app": wrong, **targets(base=[])})
    assert str(caught.value.span) == "f.hcl:1,1-9"
    assert caught.value.hint == "did you mean `target:base`?"


def test_a_long_chain_is_no_reason_to_fail() -> None:
    chain = targets(**{f"t{n}": [f"t{n + 1}"] if n < 2999 else [] for n in range(3000)})
    assert graph.order(chain)[0] == "t2999"


def test_families() -> None:
    found = graph.families(targets(a=["b"], b=[], c=["b"], d=[]))
    assert found["a"] == found["b"] == found["c"]
    assert found["d"] == "d"
