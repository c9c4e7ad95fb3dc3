"""Equal elements in the order of Go 1.27, as a program of its own printed it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bake.model.gosort import go_sorted

ORDERS = {
    "stable up to twelve": (
        [str(n % 3) for n in range(12)],
        "0 3 6 9 1 4 7 10 2 5 8 11",
    ),
    "mixed": (
        [str(n * 7 % 5) for n in range(20)],
        "10 5 15 0 13 3 18 8 6 16 1 11 9 14 4 19 12 2 17 7",
    ),
    "falling": (
        [f"{max(99 - n, 49)}" for n in range(52)],
        "51 50 49 48 47 46 45 44 43 42 41 40 39 38 37 36 35 34 33 32 31 30 29 28 27 26 25 24 23 22 "
        "21 20 19 18 17 16 15 14 13 12 11 10 9 8 7 6 5 4 3 2 1 0",
    ),
    "two names": (
        [str(n % 2) for n in range(24)],
        "12 0 2 22 4 20 18 10 8 14 16 6 1 13 9 15 7 17 11 19 5 21 3 23",
    ),
    "a hill": (
        [f"{min(n, 40 - n) // 2:02}" for n in range(40)],
        "39 1 0 2 3 37 38 4 5 36 35 7 6 34 33 8 9 32 31 30 10 11 29 27 12 13 28 14 26 25 15 17 16 "
        "24 23 19 18 22 21 20",
    ),
    "squares": (
        [f"{n * n % 64:02}" for n in range(64)],
        "40 48 24 56 16 32 0 8 31 1 63 33 46 30 50 62 14 34 18 2 61 29 35 3 4 52 12 44 28 36 60 20 "
        "9 23 55 41 5 59 37 27 15 47 17 49 26 6 58 38 42 54 22 10 51 45 19 13 7 25 57 39 43 11 53 "
        "21",
    ),
    "nearly sorted": (
        [f"{(n ^ 5) // 2 if n in (4, 30) else n // 2:02}" for n in range(52)],
        "0 1 4 2 3 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 30 28 29 31 32 "
        "33 34 35 36 37 38 39 40 41 42 43 44 45 46 47 48 49 50 51",
    ),
    "not nearly enough": (
        [f"{n // 2 - 2 * (n % 9 == 8):02}" for n in range(56)],
        "0 1 2 3 4 5 8 6 7 9 10 11 12 13 17 14 15 16 18 19 20 21 22 23 26 24 25 27 28 29 30 31 35 "
        "32 33 34 36 37 38 39 41 40 44 42 43 45 47 46 48 49 53 50 51 52 54 55",
    ),
}


@pytest.mark.parametrize("case", ORDERS)
def test_equal_names_come_out_as_in_go(case: str) -> None:
    names, order = ORDERS[case]
    assert [place for place, _ in go_sorted(enumerate(names), lambda pair: pair[1])] == [
        int(place) for place in order.split()
    ]


@given(st.lists(st.sampled_from("abcdefghijklmnop"), max_size=300))
def test_it_sorts(names: list[str]) -> None:
    assert go_sorted(names, str) == sorted(names)
