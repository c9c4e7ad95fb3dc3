"""Which of several types is preferred when values are brought to one: cty's order.

More general comes first: string before other primitives, a collection before the structure that could
become it, a list before a set, anything before DYNAMIC. The order is partial; types that do not compare
keep the order in which they were given.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bake.evaluate.types import DYNAMIC, STRING, List, Map, Object, Primitive, Set, Tuple, Type

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_BEFORE: Final[frozenset[tuple[type[Type], type[Type]]]] = frozenset(
    {(List, Tuple), (Map, Object), (Tuple, Set), (List, Set)}
)


def preferred(types: Sequence[Type]) -> list[int]:
    """The indexes of `types`, most preferred first (a topological sort, breadth first)."""
    after: list[list[int]] = [[] for _ in types]
    waiting = [0] * len(types)
    for left in range(len(types)):
        for right in range(left + 1, len(types)):
            order = compare(types[left], types[right])
            if order:
                first, second = (left, right) if order < 0 else (right, left)
                after[first].append(second)
                waiting[second] += 1
    ready = [index for index, count in enumerate(waiting) if not count]
    for index in ready:
        for later in after[index]:
            waiting[later] -= 1
            if not waiting[later]:
                ready.append(later)
    return ready


def compare(left: Type, right: Type) -> int:
    """Below zero when `left` is preferred, above when `right` is, zero when neither."""
    if left == DYNAMIC or right == DYNAMIC:
        return (left == DYNAMIC) - (right == DYNAMIC)
    kinds = type(left), type(right)
    if kinds in _BEFORE:
        return -1
    if kinds[::-1] in _BEFORE:
        return 1
    match left, right:
        case Primitive(), Primitive():
            return (right == STRING) - (left == STRING)
        case List() | Set() | Map(), List() | Set() | Map() if kinds[0] is kinds[1]:
            return compare(left.element, right.element)
        case Tuple(), Tuple() if len(left.elements) == len(right.elements):
            return _agreed(map(compare, left.elements, right.elements))
        case Object(), Object() if left.attributes.keys() == right.attributes.keys():
            return _agreed(compare(inner, right.attributes[key]) for key, inner in left.attributes.items())
    return 0


def _agreed(orders: Iterable[int]) -> int:
    seen = set(orders)
    return 0 if {-1, 1} <= seen else -1 if -1 in seen else 1 if 1 in seen else 0
