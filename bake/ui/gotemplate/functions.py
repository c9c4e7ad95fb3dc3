"""The functions of a template: Go's own of values, and docker's (cli/templates/templates.go, 29)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from bake import gojson
from bake.gostruct import Struct
from bake.ui.gotemplate.printing import printf
from bake.ui.gotemplate.values import OperandError, kind, text, truth

if TYPE_CHECKING:
    from collections.abc import Callable

    Operation = Callable[..., Any]
    ToJson = Callable[[Any], str]

LAZY = ("and", "or")
"""They stop at the operand that decides, so the evaluator hands them theirs one by one."""

NUMBERS = (int, float)
LINE_ENDS = str.maketrans({"\u2028": "\\u2028", "\u2029": "\\u2029"})


def compact_json(value: Any) -> str:
    """JSON as docker's formatter writes it: one line, nothing escaped for HTML."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).translate(LINE_ENDS)


def indented_json(value: Any) -> str:
    """JSON as json.MarshalIndent writes it with two spaces: `<`, `>` and `&` escaped."""
    return gojson.indented(value)


def table(to_json: ToJson) -> dict[str, Operation]:
    """Every function by its name; each raises OperandError or TypeError for operands it does not take."""
    return {
        "and": _and,
        "or": _or,
        "not": lambda value: not truth(value),
        "eq": _eq,
        "ne": lambda one, other: not _equal(one, other),
        "lt": lambda one, other: _less(one, other),
        "gt": lambda one, other: _less(other, one),
        "le": lambda one, other: not _less(other, one),
        "ge": lambda one, other: not _less(one, other),
        "len": _len,
        "index": _index,
        "slice": _slice,
        "print": _print,
        "println": lambda *values: " ".join(map(text, values)) + "\n",
        "printf": _printf,
        "urlquery": _urlquery,
        "json": to_json,
        "split": _split,
        "join": _join,
        "title": lambda value: _title(_string(value)),
        "lower": lambda value: _string(value).lower(),
        "upper": lambda value: _string(value).upper(),
        "pad": _pad,
        "truncate": _truncate,
    }


def _string(value: Any) -> str:
    if not isinstance(value, str):
        raise OperandError(f"wrong type for value; expected string; got {kind(value)}")
    return value


def _integer(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise OperandError(f"wrong type for value; expected int; got {kind(value)}")
    return value


def _and(first: Any, *rest: Any) -> Any:
    return next((value for value in (first, *rest) if not truth(value)), (first, *rest)[-1])


def _or(first: Any, *rest: Any) -> Any:
    return next((value for value in (first, *rest) if truth(value)), (first, *rest)[-1])


def _eq(first: Any, second: Any, *rest: Any) -> bool:
    return any(_equal(first, other) for other in (second, *rest))


def _equal(one: Any, other: Any) -> bool:
    if one is None or other is None:
        return one is other
    for value in (one, other):
        if isinstance(value, list | tuple | dict):
            raise OperandError(f"non-comparable type {text(value)}: {kind(value)}")
    _comparable(one, other)
    return bool(one == other)


def _less(one: Any, other: Any) -> bool:
    for value in (one, other):
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise OperandError("invalid type for comparison")
    _comparable(one, other)
    return bool(one < other)


def _comparable(one: Any, other: Any) -> None:
    """JSON has one kind of number, so integers and floats compare."""
    numeric = [isinstance(value, NUMBERS) and not isinstance(value, bool) for value in (one, other)]
    if not all(numeric) and type(one) is not type(other):
        raise OperandError("incompatible types for comparison")


def _len(value: Any) -> int:
    if isinstance(value, str):
        return len(value.encode())
    if isinstance(value, Struct) or not isinstance(value, dict | list | tuple):
        raise OperandError("len of nil pointer" if value is None else f"len of type {kind(value)}")
    return len(value)


def _index(value: Any, *keys: Any) -> Any:
    if value is None:
        raise OperandError("index of untyped nil")
    for key in keys:
        value = _item(value, key)
    return value


def _item(value: Any, key: Any) -> Any:
    if value is None:
        raise OperandError("index of nil pointer")
    if isinstance(value, dict) and not isinstance(value, Struct):
        found = value.get(_string(key))
        # the zero value of a map of strings is the empty one
        strings = value and all(isinstance(one, str) for one in value.values())
        return "" if found is None and strings else found
    if not isinstance(value, list | tuple | str):
        raise OperandError(f"can't index item of type {kind(value)}")
    if isinstance(key, bool) or not isinstance(key, int):
        raise OperandError(f"cannot index slice/array with type {kind(key)}")
    items = value.encode() if isinstance(value, str) else value
    if not 0 <= key < len(items):
        raise OperandError(f"index out of range: {key}")
    return items[key]


def _slice(value: Any, *bounds: Any) -> Any:
    if len(bounds) > 2 or not isinstance(value, list | tuple | str):
        raise OperandError(f"can't slice item of type {kind(value)} with {len(bounds)} bounds")
    items = value.encode() if isinstance(value, str) else value
    start, end = [*map(_integer, bounds), *(0, len(items))[len(bounds) :]]
    if not 0 <= start <= end <= len(items):
        raise OperandError(f"invalid slice index: {start} to {end} of {len(items)}")
    found = items[start:end]
    return found.decode(errors="replace") if isinstance(found, bytes) else found


def _print(*values: Any) -> str:
    """fmt.Sprint: a space between two operands when neither is a string."""
    out = ""
    for position, value in enumerate(values):
        apart = position > 0 and not isinstance(value, str) and not isinstance(values[position - 1], str)
        out += (" " if apart else "") + text(value)
    return out


def _printf(form: Any, *operands: Any) -> str:
    return printf(_string(form), *operands)


def _urlquery(*values: Any) -> str:
    from urllib.parse import quote_plus

    return quote_plus(_print(*values), safe="")


def _split(value: Any, separator: Any) -> list[str]:
    if _string(separator) == "":
        return list(_string(value))
    return _string(value).split(separator)


def _join(value: Any, separator: Any) -> str:
    """Docker's takes lists of anything, and the values of a map in order."""
    if value is None:
        return ""
    if isinstance(value, dict) and not isinstance(value, Struct):
        return _string(separator).join(sorted(map(text, value.values())))
    if not isinstance(value, list | tuple):
        raise OperandError(f"expected slice, got {kind(value)}")
    return _string(separator).join(map(text, value))


def _title(value: str) -> str:
    """strings.Title: a letter is upper case behind anything but a letter, a digit or `_`."""
    out, before = "", " "
    for char in value:
        out += char.title() if _separates(before) else char
        before = char
    return out


def _separates(char: str) -> bool:
    return not (char.isalnum() or char == "_") if char.isascii() else char.isspace()


def _pad(value: Any, before: Any, after: Any) -> str:
    if min(_integer(before), _integer(after)) < 0:
        raise OperandError("pad: negative count")
    return " " * before + _string(value) + " " * after if value else ""


def _truncate(value: Any, length: Any) -> str:
    if _integer(length) < 0:
        raise OperandError(f"truncate: negative length {length}")
    return _string(value).encode()[:length].decode(errors="replace")
