"""Sorting as Go's `slices.SortFunc` does it: what is equal comes out in an order of its own.

It is pattern-defeating quicksort (Orson R. L. Peters, https://arxiv.org/abs/2106.05123) without blocks, as
Go has had it since 1.19; up to twelve elements are sorted stably. `--list` tells a target and a group of one
name in the order that comes of it.
"""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

T = TypeVar("T")

_INSERTED = 12
_WIDE = 50
"""From here on a pivot is the median of three medians, and what is nearly sorted is put right in place."""

_key = itemgetter(0)

_Data: TypeAlias = "list[tuple[str, Any]]"


def go_sorted(items: Iterable[T], key: Callable[[T], str]) -> list[T]:
    """`items` by their keys, equal ones in Go's order."""
    data: _Data = [(key(item), item) for item in items]
    if len({name for name, _ in data}) == len(data):  # every way to sort gives the same
        data.sort(key=_key)
    else:
        _sort(data, 0, len(data), len(data).bit_length())
    return [item for _, item in data]


def _sort(data: _Data, start: int, end: int, bad: int) -> None:
    """Sort from `start` up to `end`, allowing for `bad` pivots that divide badly. (Go goes on with a heap
    then; here it is Python's sorting.)"""
    balanced = partitioned = True
    while bad and end - start > _INSERTED:
        if not balanced:
            _scatter(data, start, end)
            bad -= 1
        pivot, rising, falling = _pivot(data, start, end)
        if falling:
            data[start:end] = data[start:end][::-1]
            pivot, rising = end - 1 - (pivot - start), True
        if balanced and partitioned and rising and _put_right(data, start, end):
            return
        if start and not data[start - 1][0] < data[pivot][0]:
            start = _past_equal(data, start, end, pivot)
            continue
        length = end - start
        middle, partitioned = _partition(data, start, end, pivot)
        balanced = min(middle - start, end - middle) >= length // 8
        if middle - start < end - middle:
            _sort(data, start, middle, bad)
            start = middle + 1
        else:
            _sort(data, middle + 1, end, bad)
            end = middle
    data[start:end] = sorted(data[start:end], key=_key)


def _swap(data: list[Any], one: int, other: int) -> None:
    data[one], data[other] = data[other], data[one]


def _partition(data: _Data, start: int, end: int, pivot: int) -> tuple[int, bool]:
    """Put what is less than the pivot before it. Gives its new place, and whether all was so before."""
    _swap(data, start, pivot)
    value = data[start][0]
    low, high = start + 1, end - 1
    swaps = 0
    while True:
        while low <= high and data[low][0] < value:
            low += 1
        while low <= high and not data[high][0] < value:
            high -= 1
        if low > high:
            _swap(data, high, start)
            return high, not swaps
        _swap(data, low, high)
        swaps, low, high = swaps + 1, low + 1, high - 1


def _past_equal(data: _Data, start: int, end: int, pivot: int) -> int:
    """Put what is equal to the pivot, than which nothing is less, first. Gives where the rest begins."""
    _swap(data, start, pivot)
    value = data[start][0]
    low, high = start + 1, end - 1
    while True:
        while low <= high and not value < data[low][0]:
            low += 1
        while low <= high and value < data[high][0]:
            high -= 1
        if low > high:
            return low
        _swap(data, low, high)
        low, high = low + 1, high - 1


def _put_right(data: _Data, start: int, end: int) -> bool:
    """Whether all is sorted, after up to five neighbours of many were put in their places."""
    at = start + 1
    for _ in range(5):
        while at < end and not data[at][0] < data[at - 1][0]:
            at += 1
        if at == end:
            return True
        if end - start < _WIDE:
            return False
        _swap(data, at, at - 1)
        if at - start >= 2:
            _shift(data, range(at - 1, 0, -1))
        if end - at >= 2:
            _shift(data, range(at + 1, end))
    return False


def _shift(data: _Data, places: Iterable[int]) -> None:
    for place in places:
        if not data[place][0] < data[place - 1][0]:
            return
        _swap(data, place, place - 1)


def _scatter(data: _Data, start: int, end: int) -> None:
    """Move three elements of the middle elsewhere, against patterns that divide badly."""
    length = end - start
    numbers = _xorshift(length)
    middle = start + length // 4 * 2
    for place in range(middle - 1, middle + 2):
        other = next(numbers) & ((1 << length.bit_length()) - 1)
        _swap(data, place, start + (other - length if other >= length else other))


def _xorshift(seed: int) -> Iterator[int]:
    """George Marsaglia's generator, https://www.jstatsoft.org/article/view/v008i14, with shifts 13, 7, 17."""
    number = seed
    while True:
        number ^= number << 13 & 0xFFFF_FFFF_FFFF_FFFF
        number ^= number >> 7
        number ^= number << 17 & 0xFFFF_FFFF_FFFF_FFFF
        yield number


def _pivot(data: _Data, start: int, end: int) -> tuple[int, bool, bool]:
    """The place of a median, and whether what was looked at rises, or falls."""
    quarter = (end - start) // 4
    places = [start + quarter, start + quarter * 2, start + quarter * 3]
    swaps = 0
    if end - start >= _WIDE:
        medians = [_median(data, [place - 1, place, place + 1]) for place in places]
        places = [place for place, _ in medians]
        swaps = sum(count for _, count in medians)
    place, count = _median(data, places)
    swaps += count
    return place, swaps == 0, swaps == 12


def _median(data: _Data, places: list[int]) -> tuple[int, int]:
    """The place of the median of three, and how often two of them had to be exchanged to tell."""
    swaps = 0
    for first, second in ((0, 1), (1, 2), (0, 1)):
        if data[places[second]][0] < data[places[first]][0]:
            _swap(places, first, second)
            swaps += 1
    return places[1], swaps
