from __future__ import annotations

import pytest

from bake.evaluate.budget import CHARACTERS, ELEMENTS, Budget, SpentError


@pytest.mark.parametrize(
    ("made", "cost"),
    [
        (None, 1),
        (True, 1),
        ("a" * (CHARACTERS - 1), 1),
        ("a" * CHARACTERS * 3, 4),
        (("x",) * ELEMENTS * 2, 3),
        (dict.fromkeys(range(ELEMENTS)), 2),
    ],
)
def test_a_step_costs_one_and_what_it_makes(made: object, cost: int) -> None:
    budget = Budget(10)
    budget.spend(made)
    assert budget.left == 10 - cost


def test_the_last_unit_can_be_spent_and_no_more() -> None:
    budget = Budget(1)
    budget.spend()
    with pytest.raises(SpentError):
        budget.spend()
