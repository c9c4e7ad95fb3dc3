from __future__ import annotations

import threading

import pytest

from bake.builder.together import ask_all, ask_all_within


def test_answers_stand_in_the_order_of_the_items() -> None:
    second = threading.Event()

    def ask(item: int) -> int:
        if item == 1:
            second.wait()
        else:
            second.set()
        return item * 10

    assert ask_all([1, 2], ask) == [10, 20]
    assert ask_all([2], ask) == [20]
    assert ask_all([], ask) == []


@pytest.mark.parametrize("items", [[1], [1, 2]])
def test_a_fault_is_raised(items: list[int]) -> None:
    with pytest.raises(ValueError, match="no"):
        ask_all(items, lambda _: int("no"))


def test_what_takes_too_long_is_not_waited_for() -> None:
    never, done = threading.Event(), threading.Event()

    def ask(event: threading.Event) -> str:
        if event is done:
            event.set()
        event.wait()
        return "answer"

    found = ask_all_within(0.01, [never, done], ask)
    assert done.wait(60)
    assert found[0] is None
    assert not never.is_set()
    never.set()


def test_without_a_limit_everything_is_waited_for() -> None:
    assert ask_all_within(0, [1, 2], str) == ["1", "2"]
