from __future__ import annotations

from typing import TYPE_CHECKING

from bake.evaluate.order import Need, Order
from bake.source import Source, Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

SOURCE = Source("f.hcl", "abcdef", "hcl")


class Recorder:
    """Orders letters by a table of needs; the place of a need is that of the letter in SOURCE."""

    def __init__(self, table: Mapping[str, str]) -> None:
        self.done: list[str] = []
        self.circles: list[str] = []
        self._table = table
        self.order: Order[str] = Order(self._needs, self.done.append, self._circular)

    def _needs(self, task: str) -> Iterator[Need[str]]:
        for need in self._table.get(task, ""):
            at = SOURCE.text.find(task)
            yield Need(need, Span(SOURCE, at, at + 1))

    def _circular(self, needs: Sequence[Need[str]]) -> None:
        self.circles.append("".join(f"{need.place.text}{need.task} " for need in needs))


def reached(table: Mapping[str, str], *roots: str) -> Recorder:
    recorder = Recorder(table)
    for root in roots:
        recorder.order.reach(root)
    return recorder


def test_what_is_needed_comes_first_and_once() -> None:
    assert reached({"a": "bc", "b": "d", "c": "d"}, "a", "d", "a").done == ["d", "b", "c", "a"]


def test_a_task_without_needs_is_done_at_once() -> None:
    assert reached({}, "a").done == ["a"]


def test_a_circle_is_told_as_a_whole() -> None:
    recorder = reached({"a": "b", "b": "c", "c": "a"}, "a")
    assert recorder.circles == ["ab bc ca "]
    assert sorted(recorder.done) == ["a", "b", "c"]


def test_what_only_leads_to_a_circle_is_no_part_of_it() -> None:
    assert reached({"a": "b", "b": "c", "c": "b"}, "a").circles == ["bc cb "]


def test_a_task_that_needs_itself() -> None:
    assert reached({"a": "a"}, "a").circles == ["aa "]


def test_each_circle_is_told() -> None:
    assert reached({"a": "a", "b": "b"}, "a", "b").circles == ["aa ", "bb "]


def test_long_chains() -> None:
    count = 50_000
    done: list[int] = []
    place = Span(SOURCE, 0, 1)
    order: Order[int] = Order(
        lambda task: [Need(task + 1, place)] if task < count else [], done.append, lambda _needs: None
    )
    order.reach(0)
    assert done == list(range(count, -1, -1))
