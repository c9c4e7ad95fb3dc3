"""Comma-separated values, read as Go's encoding/csv reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bake.evaluate.functions.function import Function, FunctionError, Parameter
from bake.evaluate.types import STRING, Object
from bake.evaluate.values import Value, list_of, normalized
from bake.goquote import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bake.host import Host


def _csv_decode(arguments: Sequence[Value], _host: Host) -> Value:
    records = _records(arguments[0].raw)
    header = next(records, None)
    if header is None:
        raise FunctionError("missing header line")
    names = [normalized(name).raw for name in header[1]]
    for place, name in enumerate(names):
        if name in names[:place]:
            raise FunctionError(f"duplicate column name {quoted(name)}")
    row_type = Object(dict.fromkeys(sorted(names), STRING))
    rows: list[Value] = []
    for line, fields in records:
        if len(fields) != len(names):
            raise FunctionError(f"CSV parse error on line {line}: wrong number of fields")
        cells = dict(zip(names, map(normalized, fields), strict=True))
        rows.append(Value(row_type, dict(sorted(cells.items()))))
    return list_of(row_type, rows)


def _records(text: str) -> Iterator[tuple[int, list[str]]]:
    """Each record with the number of its first line; empty lines are no records."""
    lines = text.replace("\r\n", "\n").split("\n")
    if lines[-1] == "":
        lines.pop()
    elif lines[-1].endswith("\r"):
        lines[-1] = lines[-1][:-1]
    number = 0
    while number < len(lines):
        start = number
        fields, number = _record(lines, number)
        if fields:
            yield start + 1, fields


def _record(lines: list[str], number: int) -> tuple[list[str], int]:
    """The fields of the record that begins on a line (none for an empty line), and the line behind it."""
    rest = lines[number]
    fields: list[str] = []
    if not rest:
        return fields, number + 1
    while True:
        if rest.startswith('"'):
            field, rest, number = _quoted_field(lines, number, rest[1:])
        else:
            field, comma, after = rest.partition(",")
            if '"' in field:
                raise FunctionError(f'CSV parse error on line {number + 1}: bare " in non-quoted-field')
            rest = comma + after
        fields.append(field)
        if not rest:
            return fields, number + 1
        rest = rest[1:]


def _quoted_field(lines: list[str], number: int, rest: str) -> tuple[str, str, int]:
    """A field behind its opening quote; what follows begins with a comma or is empty."""
    pieces: list[str] = []
    while True:
        inside, quote, after = rest.partition('"')
        pieces.append(inside)
        if not quote:
            number += 1
            if number == len(lines):
                raise _bad_quote(number)
            pieces.append("\n")
            rest = lines[number]
        elif after.startswith('"'):
            pieces.append('"')
            rest = after[1:]
        elif not after or after.startswith(","):
            return "".join(pieces), after, number
        else:
            raise _bad_quote(number + 1)


def _bad_quote(line: int) -> FunctionError:
    return FunctionError(f'CSV parse error on line {line}: extraneous or missing " in quoted-field')


FUNCTIONS: Final = {"csvdecode": Function(_csv_decode, (Parameter("str", STRING),))}
