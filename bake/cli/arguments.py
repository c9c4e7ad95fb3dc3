"""argv to a command and its words, before any option is parsed.

`pybake TARGET…` and bare `pybake` mean `pybake bake …`; a command's name wins over a target's. Options may
stand before the command, as with docker. Boolean options take Go's `--push=false` too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bake.goscalars import GO_FALSE, GO_TRUE

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

TAKE_VALUE = frozenset(
    {
        *("--allow", "--builder", "--call", "-f", "--file", "--list", "--metadata-file", "--policy"),
        *("--progress", "--provenance", "--sbom", "--set", "--var", "--data", "--define", "--diagnostics"),
        *("--format", "--report", "--balance"),
        *("--jobs", "--jobs-per-node", "--execution", "--retries", "--timeout"),
    }
)
"""Options of `bake` and of every command whose value is the next word, if it is not joined with `=`."""

DEFAULT_COMMAND = "bake"


def dispatch(words: Sequence[str], names: Collection[str]) -> tuple[str, list[str]]:
    """The command's name and the words that are left for it.

    `names` are those of commands, aliases and families; `history ls` is the command `ls` of a family.
    """
    at = first_positional(words)
    if at is None or words[at] not in names:
        return DEFAULT_COMMAND, list(words)
    name, rest = words[at], [*words[:at], *words[at + 1 :]]
    at = first_positional(rest)
    while at is not None and f"{name} {rest[at]}" in names:
        name, rest = f"{name} {rest[at]}", [*rest[:at], *rest[at + 1 :]]
        at = first_positional(rest)
    return name, rest


def first_positional(words: Sequence[str]) -> int | None:
    """Where the first word stands that is neither an option nor an option's value."""
    skip = False
    for index, word in enumerate(words):
        if skip:
            skip = False
        elif word == "--":
            return None
        elif word.startswith("-") and word != "-":
            skip = word in TAKE_VALUE
        else:
            return index
    return None


def negative_name(flag: str) -> str:
    """The hidden name that stands for `flag=false`."""
    return f"--{flag.removeprefix('--')}--false"


def is_negative(name: str) -> bool:
    """Whether `name` is one that nobody types."""
    return name.endswith("--false")


def expand_booleans(words: Sequence[str], flags: frozenset[str]) -> list[str]:
    """`--push=true` as `--push` and `--push=false` as its hidden negative, for the names in `flags`.

    Anything else behind `=` is left for the parser to refuse.
    """
    return [_expand(word, flags) for word in words]


def _expand(word: str, flags: frozenset[str]) -> str:
    name, equals, value = word.partition("=")
    if not equals or name not in flags:
        return word
    if value in GO_TRUE:
        return name
    return negative_name(name) if value in GO_FALSE else word
