"""The same asked of several at the same time, in a thread for each.

Takes items and a function of one, gives what it gives for each, in their order. Raises what the first of them
to fail raised.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

A = TypeVar("A")
T = TypeVar("T")


def ask_all(items: Sequence[A], ask: Callable[[A], T]) -> list[T]:
    """All the answers, however long they take."""
    if len(items) == 1:
        return [ask(items[0])]
    found = _answers(items, ask, 0)
    return [found[index] for index in range(len(items))]


def ask_all_within(timeout: float, items: Sequence[A], ask: Callable[[A], T]) -> list[T | None]:
    """The answers that come within `timeout` seconds (0: however long they take), None for the others, which
    are left to themselves."""
    found = _answers(items, ask, timeout)
    return [found.get(index) for index in range(len(items))]


def _answers(items: Sequence[A], ask: Callable[[A], T], timeout: float) -> dict[int, T]:
    """By the item's place."""
    found: dict[int, T] = {}
    faults: list[BaseException] = []

    def one(index: int) -> None:
        try:
            found[index] = ask(items[index])
        except BaseException as fault:
            faults.append(fault)

    threads = [threading.Thread(target=one, args=(index,), daemon=True) for index in range(len(items))]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + timeout
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()) if timeout else None)
    if faults:
        raise faults[0]
    return dict(found)
