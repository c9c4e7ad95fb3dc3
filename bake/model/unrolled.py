"""Recursion whose depth costs memory and not Python's stack: nobody has bounded how long a chain of
inheriting, of linking or of nesting is.

A recursive function is written as a generator: it yields the call that it needs (a generator of the
same kind), is sent what that returns, and returns its own result.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, TypeAlias, TypeVar

T = TypeVar("T")

Routine: TypeAlias = Generator["Routine[Any]", Any, T]
"""A call of a recursive function that gives a T."""


def run(routine: Routine[T]) -> T:
    """What `routine` returns. What any of the calls raises ends them all, and is raised."""
    calls: list[Routine[Any]] = [routine]
    result: Any = None
    while calls:
        try:
            needed = calls[-1].send(result)
        except StopIteration as done:
            calls.pop()
            result = done.value
        else:
            calls.append(needed)
            result = None
    returned: T = result
    return returned
