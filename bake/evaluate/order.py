"""Doing things in the order of their needs, and finding the circles that have no such order.

Knows nothing of variables or blocks. Not recursive: a chain of thousands of needs is fine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence

    from bake.source import Span

T = TypeVar("T", bound="Hashable")


class Need(NamedTuple, Generic[T]):
    """Something needs `task`, and says so at `place`."""

    task: T
    place: Span


class Order(Generic[T]):
    """Does each task once, after those that it needs.

    `needs` tells what a task needs, `do` does it. `circular` is told the needs of a circle, each
    leading to the next task and the last to the first one's task again; the tasks of a circle are done
    all the same, when it has been told.
    """

    def __init__(
        self,
        needs: Callable[[T], Iterable[Need[T]]],
        do: Callable[[T], None],
        circular: Callable[[Sequence[Need[T]]], None],
    ) -> None:
        self._needs = needs
        self._do = do
        self._circular = circular
        self._done: set[T] = set()

    def reach(self, root: T) -> None:
        """Do `root` and, before it, everything that it needs and that is not done yet."""
        if root in self._done:
            return
        if all(need.task in self._done for need in self._needs(root)):
            self._do(root)
            self._done.add(root)
            return
        path: dict[T, Need[T] | None] = {root: None}
        waiting: list[tuple[T, Iterator[Need[T]]]] = [(root, iter(self._needs(root)))]
        while waiting:
            task, needs = waiting[-1]
            need = next((one for one in needs if one.task not in self._done), None)
            if need is None:
                waiting.pop()
                del path[task]
                self._do(task)
                self._done.add(task)
            elif need.task in path:
                self._circular(_circle(path, need))
            else:
                path[need.task] = need
                waiting.append((need.task, iter(self._needs(need.task))))


def _circle(path: dict[T, Need[T] | None], last: Need[T]) -> list[Need[T]]:
    tasks = list(path)
    behind = tasks[tasks.index(last.task) + 1 :]
    return [need for task in behind if (need := path[task]) is not None] + [last]
