from __future__ import annotations

from bake.builder.names import ADJECTIVES, BUILDERS, generate
from bake.builder.store import valid_name


def test_a_name_is_one_that_the_store_takes() -> None:
    for first in range(256):
        name = generate((), lambda _count, first=first: bytes((first, 255 - first)))  # type: ignore[misc]
        assert valid_name(name) == name
        adjective, builder = name.split("_")
        assert adjective in ADJECTIVES
        assert builder in BUILDERS


def test_a_name_that_is_taken_gets_a_number() -> None:
    def always_first(count: int) -> bytes:
        return b"\0" * count

    first = generate((), always_first)
    assert generate((first,), always_first) == f"{first}1"
    assert generate((first, f"{first}1"), always_first) == f"{first}2"


def test_words_are_there_once() -> None:
    assert len(set(ADJECTIVES)) == len(ADJECTIVES)
    assert len(set(BUILDERS)) == len(BUILDERS)
