"""Which expressions are asked of the reference: those of cases.toml and the calls made from them."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER: Final = Path(__file__).parent
RECORDED: Final = FOLDER / "recorded.json"
LEAD: Final = "x = "
"""What stands before an expression in the file: columns start at 5."""

KINDS: Final = (
    "null",
    "true",
    '"a"',
    '""',
    "1",
    "-1",
    "1.5",
    "1 / 0",
    "[]",
    '["a"]',
    "[1, [2]]",
    "{}",
    "{ a = 1 }",
    'setunion(["b", "a"])',
    "convert(null, string)",
    "convert({ a = 1 }, map(number))",
    "range(2)",
)
"""One of everything: each argument is replaced by each of these."""


def cases() -> dict[str, list[str]]:
    """The expressions by function, each once, in the order of the file."""
    described: dict[str, dict[str, Any]] = tomllib.loads((FOLDER / "cases.toml").read_text(encoding="utf-8"))
    return {name: list(dict.fromkeys(_expressions(name, one))) for name, one in described.items()}


def _expressions(name: str, described: dict[str, Any]) -> Iterator[str]:
    arguments = described.get("arguments")
    if arguments is not None:
        around = described.get("in", "{}")
        for call in _calls(arguments):
            yield around.replace("{}", f"{name}({', '.join(call)})")
    yield from described.get("more", ())


def _calls(good: list[str]) -> Iterator[list[str]]:
    yield good
    yield good[:-1]
    yield []
    yield [*good, "1"]
    for place in range(len(good)):
        for other in KINDS:
            yield [*good[:place], other, *good[place + 1 :]]
