"""HCL's operators, indexing and attribute access over values, with cty's handling of null and unknown.

An operator's operands are converted to `Operator.operand` by the caller, which knows their places; then
`Operator.apply` takes them. Equality never converts. The faults raised here carry the reference's words
(`OperationError` without a full stop, `AccessError` with one) and no place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bake.evaluate.convert import ConversionError, convert
from bake.evaluate.number import NotANumberError, Number
from bake.evaluate.types import (
    BOOL,
    DYNAMIC,
    NUMBER,
    STRING,
    List,
    Map,
    Object,
    Primitive,
    Set,
    Tuple,
    Type,
    conforms,
    has_dynamic,
    name,
)
from bake.evaluate.values import ANY_UNKNOWN, FALSE, TRUE, UNKNOWN, Value, boolean, unknown
from bake.record import record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping


class OperationError(ArithmeticError):
    """The operands have the right type and still no result."""


class AccessError(LookupError):
    """An index or an attribute that is not there: `summary` and `detail` as HCL words them."""

    def __init__(self, summary: str, detail: str) -> None:
        super().__init__(f"{summary}; {detail}")
        self.summary = summary
        self.detail = detail


@record
class Operator:
    """`apply` takes one or two values of the type `operand` and gives one of the type `result`, or raises
    OperationError. An operand that is `decisive` (for && and ||) settles the result whatever the other
    one is, even when that one is at fault."""

    operand: Type
    result: Type
    apply: Callable[..., Value]
    decisive: Value | None = None

    def settles(self, value: Value) -> bool:
        """Whether `value` alone decides. A null counts as false (as in the reference)."""
        if self.decisive is None or value.raw is UNKNOWN:
            return False
        return bool(value.raw) is self.decisive.raw


def equals(left: Value, right: Value) -> Value:
    """cty's `==`: false for different types, nulls of any type equal, unknown where it depends."""
    if left.raw is None or right.raw is None:
        return unknown(BOOL) if UNKNOWN in (left.raw, right.raw) else boolean(left.raw is right.raw)
    if left.raw is UNKNOWN or right.raw is UNKNOWN:
        return _equals_unknown(left, right)
    if not (_has_known_type(left) and _has_known_type(right)):
        possible = conforms(left.type, right.type) or conforms(right.type, left.type)
        return unknown(BOOL) if possible else FALSE
    if left.type != right.type:
        return FALSE
    if isinstance(left.raw, dict):
        if left.raw.keys() != right.raw.keys():
            return FALSE
        return _all_equal((one, right.raw[key]) for key, one in left.raw.items())
    if isinstance(left.raw, tuple):
        if len(left.raw) != len(right.raw):
            return FALSE
        return _all_equal(zip(left.raw, right.raw, strict=True))
    return boolean(left.raw == right.raw)


def _has_known_type(value: Value) -> bool:
    """Whether no value that is still unknown can change the type. It is what is held that counts: an empty
    list of any type, and an untyped null, are what they are."""
    raw = value.raw
    if raw is UNKNOWN:
        return not has_dynamic(value.type)
    if isinstance(raw, dict):
        return all(map(_has_known_type, raw.values()))
    return not isinstance(raw, tuple) or all(map(_has_known_type, raw))


def _equals_unknown(left: Value, right: Value) -> Value:
    if has_dynamic(left.type) or has_dynamic(right.type) or left.type == right.type:
        return unknown(BOOL)
    return FALSE


def _all_equal(pairs: Iterable[tuple[Value, Value]]) -> Value:
    result = TRUE
    for left, right in pairs:
        same = equals(left, right)
        if same.raw is not True:
            if same.raw is False:
                return FALSE
            result = same
    return result


def _not_equals(left: Value, right: Value) -> Value:
    same = equals(left, right)
    return same if same.raw is UNKNOWN else boolean(not same.raw)


def _checked(result: Type, apply: Callable[..., Value]) -> Callable[..., Value]:
    """`apply` for known operands only; null is refused, unknown gives unknown."""

    def checked(*operands: Value) -> Value:
        if any(operand.raw is None for operand in operands):
            raise OperationError("argument must not be null")
        if any(operand.raw is UNKNOWN for operand in operands):
            return unknown(result)
        return apply(*(operand.raw for operand in operands))

    return checked


def _arithmetic(compute: Callable[[Number, Number], Number], impossible: str) -> Operator:
    def apply(left: Number, right: Number) -> Value:
        try:
            return Value(NUMBER, compute(left, right))
        except NotANumberError as error:
            raise OperationError(impossible) from error

    return Operator(NUMBER, NUMBER, _checked(NUMBER, apply))


def _ordering(holds: Callable[[Number, Number], bool]) -> Operator:
    return Operator(NUMBER, BOOL, _checked(BOOL, lambda left, right: boolean(holds(left, right))))


def _logical(decisive: Value, combine: Callable[[bool, bool], bool]) -> Operator:
    apply = _checked(BOOL, lambda left, right: boolean(combine(left, right)))
    return Operator(BOOL, BOOL, apply, decisive)


ADD: Final = _arithmetic(Number.__add__, "can't compute sum of opposing infinities")
SUBTRACT: Final = _arithmetic(Number.__sub__, "can't subtract infinity from itself")
MULTIPLY: Final = _arithmetic(Number.__mul__, "can't multiply zero by infinity")
DIVIDE: Final = _arithmetic(Number.__truediv__, "can't divide zero by zero or infinity by infinity")
MODULO: Final = _arithmetic(Number.__mod__, "can't use modulo with zero and infinity")
NEGATE: Final = Operator(NUMBER, NUMBER, _checked(NUMBER, lambda number: Value(NUMBER, -number)))
LESS: Final = _ordering(lambda left, right: left.compare(right) < 0)
GREATER: Final = _ordering(lambda left, right: left.compare(right) > 0)
# "or equal" is cty's `==`, which compares fractions by their text: hence not `compare(...) <= 0`
LESS_OR_EQUAL: Final = _ordering(lambda left, right: left.compare(right) < 0 or left == right)
GREATER_OR_EQUAL: Final = _ordering(lambda left, right: left.compare(right) > 0 or left == right)
EQUAL: Final = Operator(DYNAMIC, BOOL, equals)
NOT_EQUAL: Final = Operator(DYNAMIC, BOOL, _not_equals)
AND: Final = _logical(FALSE, lambda left, right: left and right)
OR: Final = _logical(TRUE, lambda left, right: left or right)
NOT: Final = Operator(BOOL, BOOL, _checked(BOOL, lambda flag: boolean(not flag)))

BINARY: Final = {
    "||": OR,
    "&&": AND,
    "==": EQUAL,
    "!=": NOT_EQUAL,
    ">": GREATER,
    ">=": GREATER_OR_EQUAL,
    "<": LESS,
    "<=": LESS_OR_EQUAL,
    "+": ADD,
    "-": SUBTRACT,
    "*": MULTIPLY,
    "/": DIVIDE,
    "%": MODULO,
}
UNARY: Final = {"!": NOT, "-": NEGATE}


def has_index(collection: Value, key: Value) -> bool:
    """Whether a known list, tuple or map holds `key`; no conversion, false for a key of another type."""
    if isinstance(collection.type, Map):
        return key.type == STRING and key.raw in collection.raw
    return key.type == NUMBER and position(key.raw, len(collection.raw)) is not None


def position(number: Number, length: int) -> int | None:
    """The place that `number` names in a sequence, None where it names none."""
    if not number.is_integer or number.sign < 0 or number.magnitude > 63:
        return None
    place = int(number)
    return place if place < length else None


def index(collection: Value, key: Value) -> Value:
    """HCL's `collection[key]`; AccessError where there is no such element."""
    if collection.raw is None:
        raise AccessError(
            "Attempt to index null value", "This value is null, so it does not have any indices."
        )
    if key.raw is None:
        raise AccessError(_INVALID_INDEX, "Can't use a null value as an indexing key.")
    if key.type == DYNAMIC or collection.type == DYNAMIC:
        return ANY_UNKNOWN
    match collection.type:
        case List() | Tuple():
            return _index_sequence(collection, _key(key, NUMBER))
        case Map():
            return _index_map(collection, _key(key, STRING))
        case Object():
            return _index_object(collection, key)
        case Set():
            raise AccessError(
                _INVALID_INDEX,
                "Elements of a set are identified only by their value and don't have any separate index or"
                " key to select with, so it's only possible to perform operations across all elements of the"
                " set.",
            )
    raise AccessError(_INVALID_INDEX, "This value does not have any indices.")


_INVALID_INDEX: Final = "Invalid index"
_NO_ELEMENT: Final = "The given key does not identify an element in this collection value"


def _key(key: Value, wanted: Type) -> Value:
    try:
        return convert(key, wanted)
    except ConversionError as error:
        raise AccessError(_INVALID_INDEX, f"{_NO_ELEMENT}: {error}.") from error


def _index_sequence(collection: Value, key: Value) -> Value:
    if key.raw is UNKNOWN or collection.raw is UNKNOWN:
        element = collection.type.element if isinstance(collection.type, List) else DYNAMIC
        return unknown(element)
    place = position(key.raw, len(collection.raw))
    if place is not None:
        held: Value = collection.raw[place]
        return held
    raise AccessError(_INVALID_INDEX, f"{_NO_ELEMENT}{_why_no_element(key.raw, len(collection.raw))}")


def _why_no_element(number: Number, length: int) -> str:
    if not number.is_integer:
        return ": indexing a sequence requires a whole number, but the given index has a fractional part."
    if number.sign < 0:
        return ": a negative number is not a valid index for a sequence."
    # the reference explains only the first index behind the end (hcl 2.24)
    if number.magnitude > 63 or int(number) > length:
        return "."
    if not length:
        return ": the collection has no elements."
    return ": the given index is greater than or equal to the length of the collection."


def _index_map(collection: Value, key: Value) -> Value:
    if key.raw is UNKNOWN or collection.raw is UNKNOWN:
        return unknown(collection.type.element) if isinstance(collection.type, Map) else ANY_UNKNOWN
    if key.raw not in collection.raw:
        raise AccessError(_INVALID_INDEX, f"{_NO_ELEMENT}.")
    held: Value = collection.raw[key.raw]
    return held


def _index_object(collection: Value, key: Value) -> Value:
    converted = _key(key, STRING)
    if converted.raw is UNKNOWN:
        return ANY_UNKNOWN
    attributes = collection.type.attributes if isinstance(collection.type, Object) else {}
    if converted.raw not in attributes:
        by_number = key.type == NUMBER
        hint = (
            " An object only supports looking up attributes by name, not by numeric index."
            if by_number
            else ""
        )
        raise AccessError(_INVALID_INDEX, f"{_NO_ELEMENT}.{hint}")
    return _attribute(collection, converted.raw, attributes)


def attribute(value: Value, key: str) -> Value:
    """HCL's `value.key`; AccessError where there is no such attribute."""
    if value.raw is None:
        raise AccessError(
            "Attempt to get attribute from null value",
            "This value is null, so it does not have any attributes.",
        )
    match value.type:
        case Object(attributes=attributes):
            if key not in attributes:
                raise AccessError(_NO_ATTRIBUTE, f'This object does not have an attribute named "{key}".')
            return _attribute(value, key, attributes)
        case Map(element=element):
            if value.raw is UNKNOWN:
                return unknown(element)
            if key not in value.raw:
                raise AccessError(
                    "Missing map element", f'This map does not have an element with the key "{key}".'
                )
            held: Value = value.raw[key]
            return held
    if value.type == DYNAMIC:
        return ANY_UNKNOWN
    raise AccessError(_NO_ATTRIBUTE, _why_no_attribute(value.type, key))


_NO_ATTRIBUTE: Final = "Unsupported attribute"


def _attribute(value: Value, key: str, attributes: Mapping[str, Type]) -> Value:
    if value.raw is UNKNOWN:
        return unknown(attributes[key])
    held: Value = value.raw[key]
    return held


def _why_no_attribute(type_: Type, key: str) -> str:
    match type_:
        case List(element=Object(attributes=attributes)):
            one = f'attribute "{key}"' if key in attributes else "an attribute"
            return (
                f"Can't access attributes on a list of objects. Did you mean to access {one} for a specific"
                " element of the list, or across all elements of the list?"
            )
        case Set(element=Object()):
            return (
                "Can't access attributes on a set of objects. Did you mean to access an attribute across all"
                " elements of the set?"
            )
        case Primitive():
            return f"Can't access attributes on a primitive-typed value ({name(type_)})."
    return "This value does not have any attributes."
