"""Recursion that takes no stack."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from bake.host import Host
from bake.model.flags import Selection
from bake.model.selection import select
from bake.model.target import Definition, Group, Target
from bake.model.unrolled import run

if TYPE_CHECKING:
    from bake.model.unrolled import Routine

DEEP = 3 * sys.getrecursionlimit()


def _sum(number: int) -> Routine[int]:
    if number == 0:
        return 0
    below: int = yield _sum(number - 1)
    return number + below


def _fail(number: int) -> Routine[None]:
    if number == 0:
        raise LookupError("at the bottom")
    yield _fail(number - 1)


def test_results_go_up() -> None:
    assert run(_sum(DEEP)) == DEEP * (DEEP + 1) // 2


def test_what_is_raised_ends_all_calls() -> None:
    with pytest.raises(LookupError, match="at the bottom"):
        run(_fail(DEEP))


def test_a_long_line_of_ancestors() -> None:
    targets = {"t0": Target(name="t0", tags=("first",))}
    targets |= {f"t{n}": Target(name=f"t{n}", inherits=(f"t{n - 1}",)) for n in range(1, DEEP)}
    last = f"t{DEEP - 1}"
    selected = select(Definition(targets=targets), Selection((last,)), Host())
    assert selected.targets[last].tags == ("first",)


def test_a_long_line_of_links() -> None:
    targets = {"t0": Target(name="t0", entitlements=("security.insecure",))}
    targets |= {f"t{n}": Target(name=f"t{n}", contexts={"c": f"target:t{n - 1}"}) for n in range(1, DEEP)}
    last = f"t{DEEP - 1}"
    selected = select(Definition(targets=targets), Selection((last,)), Host())
    assert len(selected.targets) == DEEP
    assert selected.targets[last].entitlements == ("security.insecure",)


def test_groups_in_groups() -> None:
    groups = {"g0": Group(name="g0", targets=("t",))}
    groups |= {f"g{n}": Group(name=f"g{n}", targets=(f"g{n - 1}",)) for n in range(1, DEEP)}
    definition = Definition(targets={"t": Target(name="t")}, groups=groups)
    selected = select(definition, Selection((f"g{DEEP - 1}",)), Host())
    assert list(selected.targets) == ["t"]
