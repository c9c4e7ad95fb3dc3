"""JSON-like values as Go's templates see them: truth, fields, order, and how `%v` prints them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bake.goscalars import float_text
from bake.gostruct import Struct, Time, key_of

if TYPE_CHECKING:
    from collections.abc import Iterator

NO_VALUE = "<no value>"


class OperandError(Exception):
    """A value cannot be used like that; the template's place is added by who catches it."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint


def kind(value: Any) -> str:
    """The name of a value's Go type."""
    match value:
        case None:
            return "nil"
        case bool():
            return "bool"
        case int():
            return "int"
        case float():
            return "float64"
        case str():
            return "string"
        case Struct():
            return "struct"
        case dict():
            return "map[string]interface {}"
        case list() | tuple():
            return "[]interface {}"
    return type(value).__name__


def truth(value: Any) -> bool:
    """What `if` makes of a value: empty is false, but a struct is always true."""
    return True if isinstance(value, Struct) else bool(value)


def field(value: Any, name: str) -> Any:
    """`value.name`; what a mapping does not have is nil.

    Raises OperandError for a field that a struct does not have and for a value without fields.
    """
    if value is None:
        return None
    if not isinstance(value, dict):
        raise OperandError(f"can't evaluate field {name} in type {kind(value)}")
    key = key_of(value, name)
    if key is not None:
        return value[key]
    if not isinstance(value, Struct):
        return None
    if name in value.zeros:
        zero = value.zeros[name]
        return zero() if callable(zero) else zero
    raise OperandError(
        f"can't evaluate field {name}", f"there are {', '.join(f'.{one}' for one in value.fields)}"
    )


def pairs(value: Any) -> Iterator[tuple[Any, Any]]:
    """What `range` goes over: indices or sorted keys, with their values. Raises OperandError."""
    match value:
        case None:
            return
        case Struct():
            raise OperandError("range can't iterate over a struct")
        case dict():
            yield from sorted(value.items())
        case list() | tuple():
            yield from enumerate(value)
        case int() if not isinstance(value, bool):
            yield from ((number, number) for number in range(value))
        case _:
            raise OperandError(f"range can't iterate over {text(value)}")


def _printed_fields(value: Struct) -> list[Any]:
    """All fields in Go's order, absent ones as zero values; those to be looked for are left out."""
    known = [name for name, zero in value.zeros.items() if not callable(zero)]
    return [field(value, name) for name in known] or list(value.values())


def printed(value: Any) -> str:
    """What an action writes."""
    return NO_VALUE if value is None else text(value)


def text(value: Any) -> str:
    """`%v` of a value."""
    match value:
        case None:
            return "<nil>"
        case Time():
            return value.printed
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case float():
            return float_text(value)
        case Struct():
            return "{" + " ".join(map(text, _printed_fields(value))) + "}"
        case dict():
            return "map[" + " ".join(f"{key}:{text(one)}" for key, one in sorted(value.items())) + "]"
        case list() | tuple():
            return "[" + " ".join(map(text, value)) + "]"
    return str(value)
