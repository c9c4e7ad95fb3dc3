"""One line of comma-separated `key=value` fields, read as Go's encoding/csv does (tonistiigi/go-csvvalue)
and written as buildx writes it.

Takes and gives text; ValueError carries Go's message.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Iterable

_BARE_QUOTE = 'bare " in non-quoted field'
_QUOTE = 'extraneous or missing " in quoted-field'


def fields(line: str) -> list[str]:
    """The fields of `line`, quotes undone."""
    line = line.removesuffix("\n").removesuffix("\r") if line.endswith("\n") else line
    if not line:
        raise ValueError("EOF")
    if '"' not in line:
        return line.split(",")
    found: list[str] = []
    at = 0
    while at <= len(line):
        read = _quoted if line.startswith('"', at) else _plain
        field, at = read(line, at)
        found.append(field)
    return found


def joined(pairs: Iterable[tuple[str, str]]) -> str:
    """The line of these pairs; a pair with a comma or a quote in it is quoted."""
    return ",".join(_field(f"{key}={value}") for key, value in pairs)


def _plain(line: str, at: int) -> tuple[str, int]:
    end = line.find(",", at)
    end = len(line) if end < 0 else end
    quote = line.find('"', at, end)
    if quote >= 0:
        _fail(line, quote, _BARE_QUOTE)
    return line[at:end], end + 1


def _quoted(line: str, at: int) -> tuple[str, int]:
    parts = []
    at += 1
    while True:
        end = line.find('"', at)
        if end < 0:
            _fail(line, at, _QUOTE)
        parts.append(line[at:end])
        after = line[end + 1 : end + 2]
        if after != '"':
            break
        parts.append('"')
        at = end + 2
    if after not in ("", ","):
        _fail(line, end, _QUOTE)
    return "".join(parts), end + 2


def _fail(line: str, at: int, problem: str) -> NoReturn:
    column = len(line[:at].encode("utf-8", "replace")) + 1
    raise ValueError(f"parse error on line 1, column {column}: {problem}")


def _field(pair: str) -> str:
    if "," not in pair and '"' not in pair:
        return pair
    return '"' + pair.replace('"', '""') + '"'
