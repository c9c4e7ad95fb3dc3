"""What a broken line is told to become."""

from __future__ import annotations

import pytest

from bake.errors import flatten
from bake.source import Source
from bake.syntax import parse

CASES = [
    ('context "src"', 'write `context = "src"`'),
    ('context: "src"', 'write `context = "src"`'),
    ("tags [1, 2]", "write `tags = [1, 2]`"),
    ('"context" = "src"', 'write `context = "src"`'),
    ('tags = ["a" "b"]', "put a comma before it"),
    ('tags = ["a"\ncontext = "src"', "put a comma at the end of line 1, or close what is open there"),
]


@pytest.mark.parametrize(("text", "hint"), CASES)
def test_a_broken_line_is_told_to_become(text: str, hint: str) -> None:
    assert hint in hints(text)


def test_a_quote_is_to_be_closed_where_it_was_opened() -> None:
    assert [one for one in hints('a = 1\ncontext = "src\n') if one] == ['close the text with `"` on line 2']


@pytest.mark.parametrize("text", ["context ?", "context", "a b c", "= 1"])
def test_nothing_is_guessed(text: str) -> None:
    assert set(hints(text)) == {None}


def test_a_very_long_line_is_not_looked_through() -> None:
    assert set(hints('a: "b"' + " " * 1_000_000 + "c")) == {None}


def hints(text: str) -> list[str | None]:
    with pytest.raises((Exception, ExceptionGroup)) as caught:
        parse(Source("docker-bake.hcl", text + "\n", "hcl"))
    return [fault.hint for fault in flatten(caught.value)]
