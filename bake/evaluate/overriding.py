"""Text from the command line and the environment, made a value of a variable's type.

Takes the text as it was given, gives a Value, raises OverridingError in buildx's words: primitives as
Go's strconv reads them, CSV for lists, sets, tuples and maps, JSON (`NAME_JSON`) for every type.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bake.evaluate.number import from_float
from bake.evaluate.types import BOOL, DYNAMIC, NUMBER, STRING, List, Map, Primitive, Set, Tuple, Type, name
from bake.evaluate.values import Value, boolean, list_of, map_of, normalized, number, set_of, tuple_of
from bake.goquote import quoted
from bake.goscalars import parse_bool

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_DECIMAL = re.compile(r"[+-]?([0-9]+(?:\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?\Z")
_HEXADECIMAL = re.compile(r"[+-]?0[xX][0-9a-fA-F]*\.?[0-9a-fA-F]*[pP][+-]?[0-9]+\Z")
_SEPARATOR = re.compile(r"(?<=[0-9])_(?=[0-9])")
_HEXADECIMAL_SEPARATOR = re.compile(r"(?<=[0-9a-fA-FxX])_(?=[0-9a-fA-F])")
_SPECIAL = re.compile(r"[+-]?inf(inity)?\Z|nan\Z", re.IGNORECASE)


class OverridingError(ValueError):
    """The text is no value of the type."""


def typed(variable: str, text: str, wanted: Type) -> Value:
    """Plain text for a variable of a declared type; `variable` is only named in messages."""
    if isinstance(wanted, List | Set | Tuple | Map):
        try:
            return from_csv(variable, text, wanted)
        except OverridingError as exc:
            raise OverridingError(f"failed to convert variable {variable} from CSV: {exc}") from exc
    if isinstance(wanted, Primitive):
        return from_text(variable, text, wanted)
    raise OverridingError(f"unsupported type {name(wanted)} for variable {variable}")


def untyped(variable: str, text: str, inferred: Type | None) -> Value:
    """Plain text for a variable whose default (None if it has none) alone says what it is."""
    if inferred is None or inferred == DYNAMIC:
        return from_text(variable, text, STRING)
    if isinstance(inferred, Primitive):
        return from_text(variable, text, inferred)
    raise OverridingError(f"unsupported type {name(inferred)} for variable {variable}")


def from_json(variable: str, text: str, wanted: Type) -> Value:
    """JSON text for a variable of a declared type."""
    from bake.evaluate import jsonvalue

    try:
        return jsonvalue.from_json(text, wanted)
    except jsonvalue.JSONValueError as exc:
        raise OverridingError(f"failed to convert variable {variable} from JSON: {exc}") from exc


def from_text(variable: str, text: str, wanted: Type) -> Value:
    """A primitive value; `variable` is only named in messages."""
    if wanted == STRING:
        return normalized(text)
    if wanted == BOOL:
        try:
            return boolean(parse_bool(text))
        except ValueError as exc:
            raise OverridingError(f"failed to parse {variable} as bool: {exc}") from exc
    if wanted == NUMBER:
        try:
            return number(from_float(_float(text)))
        except OverridingError as exc:
            raise OverridingError(f"failed to parse {variable} as number: {exc}") from exc
    raise OverridingError(f"{variable} of type {name(wanted)} is not a primitive")


def _float(text: str) -> float:
    if _SPECIAL.match(text):
        raise OverridingError("invalid number value")
    parsing = f"strconv.ParseFloat: parsing {quoted(text)}"
    decimal, hexadecimal = _SEPARATOR.sub("", text), _HEXADECIMAL_SEPARATOR.sub("", text)
    if not _DECIMAL.match(decimal) and not _HEXADECIMAL.match(hexadecimal):
        raise OverridingError(f"{parsing}: invalid syntax")
    try:
        found = float(decimal) if _DECIMAL.match(decimal) else float.fromhex(hexadecimal)
    except (OverflowError, ValueError) as exc:
        reason = "value out of range" if isinstance(exc, OverflowError) else "invalid syntax"
        raise OverridingError(f"{parsing}: {reason}") from exc
    if found in (float("inf"), float("-inf")):
        raise OverridingError(f"{parsing}: value out of range")
    return found


def from_csv(variable: str, text: str, wanted: List | Set | Tuple | Map) -> Value:
    """A list, set, tuple or map of primitives, written as one line of CSV; a map's fields are `key:value`."""
    try:
        fields = csv_fields(text)
    except OverridingError as exc:
        raise OverridingError(f"failed to parse {text} as CSV: {exc}") from exc
    return _FROM_FIELDS[type(wanted)](variable, fields, wanted)


def _element(variable: str, text: str, element: Type, wanted: Type) -> Value:
    if not isinstance(element, Primitive):
        raise OverridingError(f"unsupported type {name(wanted)} for CSV specification")
    try:
        return from_text(variable, text, element)
    except OverridingError as exc:
        raise OverridingError(f"failed to parse element of type {name(wanted)}: {exc}") from exc


def _list(variable: str, fields: Sequence[str], wanted: List) -> Value:
    return list_of(wanted.element, [_element(variable, one, wanted.element, wanted) for one in fields])


def _set(variable: str, fields: Sequence[str], wanted: Set) -> Value:
    return set_of(wanted.element, [_element(variable, one, wanted.element, wanted) for one in fields])


def _tuple(variable: str, fields: Sequence[str], wanted: Tuple) -> Value:
    if len(wanted.elements) != len(fields):
        raise OverridingError(
            f"{name(wanted)} expects {len(wanted.elements)} elements but only {len(fields)} provided"
        )
    pairs = zip(fields, wanted.elements, strict=True)
    return tuple_of([_element(variable, one, element, wanted) for one, element in pairs])


def _map(variable: str, fields: Sequence[str], wanted: Map) -> Value:
    found: dict[str, Value] = {}
    for field in fields:
        try:
            pair = csv_fields(field, ":")
        except OverridingError as exc:
            raise OverridingError(f"failed to parse {field} as k/v for variable {variable}: {exc}") from exc
        if len(pair) != 2:
            raise OverridingError(f"expected one k/v pair but got {len(pair)} pieces from {field}")
        found[pair[0]] = _element(variable, pair[1], wanted.element, wanted)
    return map_of(wanted.element, found)


_FROM_FIELDS: dict[type[Type], Callable[..., Value]] = {List: _list, Set: _set, Tuple: _tuple, Map: _map}


def csv_fields(line: str, comma: str = ",") -> list[str]:
    """The fields of one line of CSV, with the quoting and the complaints of Go's encoding/csv."""
    line = line.removesuffix("\n").removesuffix("\r") if line.endswith("\n") else line
    if not line:
        raise OverridingError("EOF")
    fields: list[str] = []
    at: int | None = 0
    while at is not None:
        read = _quoted_field if line[at : at + 1] == '"' else _plain_field
        field, at = read(line, at, comma)
        fields.append(field)
    return fields


def _plain_field(line: str, start: int, comma: str) -> tuple[str, int | None]:
    end = line.find(comma, start)
    field = line[start:end] if end >= 0 else line[start:]
    if '"' in field:
        raise _csv_fault(line, start + field.index('"'), 'bare " in non-quoted field')
    return field, end + 1 if end >= 0 else None


def _quoted_field(line: str, start: int, comma: str) -> tuple[str, int | None]:
    pieces: list[str] = []
    at = start + 1
    while True:
        quote = line.find('"', at)
        if quote < 0:
            raise _csv_fault(line, at, 'extraneous or missing " in quoted-field')
        pieces.append(line[at:quote])
        at = quote + 1
        behind = line[at : at + 1]
        if behind == '"':
            pieces.append('"')
            at += 1
        elif behind == comma:
            return "".join(pieces), at + 1
        elif not behind:
            return "".join(pieces), None
        else:
            raise _csv_fault(line, quote, 'extraneous or missing " in quoted-field')


def _csv_fault(line: str, position: int, reason: str) -> OverridingError:
    column = len(line[:position].encode()) + 1
    return OverridingError(f"parse error on line 1, column {column}: {reason}")
