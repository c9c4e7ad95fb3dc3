from __future__ import annotations

import pytest

from bake.syntax.scalars import resolve
from bake.syntax.tree import NumberText


@pytest.mark.parametrize(
    "text",
    [
        "yes",
        "no",
        "on",
        "off",
        "y",
        "2020-01-01",
        "1.2.3",
        ".inf",
        ".nan",
        "0x",
        "08:30",
        "-",
        "+a",
        "1e",
        "tRUE",
    ],
)
def test_text_stays_text(text: str) -> None:
    value = resolve(text)
    assert value == text
    assert not isinstance(value, NumberText)


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("0", "0"),
        ("017", "15"),
        ("0o17", "15"),
        ("-0x1F", "-31"),
        ("0b101", "5"),
        ("1_000", "1000"),
        ("+12", "12"),
        ("08", "08"),
        ("1.50", "1.50"),
        (".5", "0.5"),
        ("-.5", "-0.5"),
        ("1.", "1"),
        ("1e3", "1e3"),
        ("123456789012345678901234567890", "123456789012345678901234567890"),
    ],
)
def test_numbers(text: str, digits: str) -> None:
    value = resolve(text)
    assert isinstance(value, NumberText)
    assert value == digits


def test_a_number_of_another_base_has_64_bits() -> None:
    assert resolve("0x" + "f" * 16) == str(2**64 - 1)
    for text in ("0x1" + "0" * 16, "0b" + "1" * 65, "0o" + "7" * 22, "0x" + "f" * 5000):
        assert resolve(text) == text
        assert not isinstance(resolve(text), NumberText)


@pytest.mark.parametrize(
    ("text", "value"), [("", None), ("~", None), ("Null", None), ("True", True), ("FALSE", False)]
)
def test_words(text: str, value: bool | None) -> None:
    assert resolve(text) is value
