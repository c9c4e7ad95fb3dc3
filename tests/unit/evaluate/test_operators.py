from __future__ import annotations

import pytest

from bake.evaluate import number, operators
from bake.evaluate.operators import BINARY, UNARY, AccessError, OperationError, attribute, equals, index
from bake.evaluate.types import BOOL, DYNAMIC, NUMBER, STRING, List, Map, Object
from bake.evaluate.values import (
    ANY_UNKNOWN,
    FALSE,
    NULL,
    TRUE,
    UNKNOWN,
    Value,
    list_of,
    map_of,
    null,
    object_of,
    set_of,
    string,
    tuple_of,
    unknown,
    whole,
)

HALF = Value(NUMBER, number.parse("0.5"))
FOR_ONE = "for a specific element of the list, or across all elements of the list?"
UNSUPPORTED = "Unsupported attribute"
A, ZERO, ONE, TWO = string("a"), whole(0), whole(1), whole(2)
PAIR, LIST, MAP = tuple_of([ONE, A]), list_of(NUMBER, [ONE, TWO]), map_of(NUMBER, {"a": ONE})


@pytest.mark.parametrize(
    ("left", "sign", "right", "wanted"),
    [
        (ONE, "+", TWO, whole(3)),
        (ONE, "-", TWO, whole(-1)),
        (TWO, "*", TWO, whole(4)),
        (TWO, "/", TWO, ONE),
        (whole(5), "%", TWO, ONE),
        (ONE, "<", TWO, TRUE),
        (TWO, "<=", TWO, TRUE),
        (ONE, ">", TWO, FALSE),
        (TWO, ">=", TWO, TRUE),
        (ONE, "==", string("1"), FALSE),
        (ONE, "!=", string("1"), TRUE),
        (TRUE, "&&", FALSE, FALSE),
        (TRUE, "||", FALSE, TRUE),
    ],
)
def test_binary(left: Value, sign: str, right: Value, wanted: Value) -> None:
    assert BINARY[sign].apply(left, right) == wanted


def test_unary() -> None:
    assert UNARY["!"].apply(TRUE) == FALSE
    assert UNARY["-"].apply(ONE) == whole(-1)


@pytest.mark.parametrize(
    ("sign", "message"),
    [
        ("+", "can't compute sum of opposing infinities"),
        ("*", None),
        ("/", "can't divide zero by zero or infinity by infinity"),
        ("%", "can't use modulo with zero and infinity"),
    ],
)
def test_opposing_infinities(sign: str, message: str | None) -> None:
    up, down = (Value(NUMBER, number.infinity(negative)) for negative in (False, True))
    if message is None:
        assert BINARY[sign].apply(up, down) == down
    else:
        with pytest.raises(OperationError, match=message):
            BINARY[sign].apply(up, down)


def test_null_and_the_unknown() -> None:
    with pytest.raises(OperationError, match="argument must not be null"):
        BINARY["+"].apply(ONE, null(NUMBER))
    assert BINARY["+"].apply(ONE, unknown(NUMBER)) == unknown(NUMBER)
    assert BINARY["<"].apply(ONE, unknown(NUMBER)) == unknown(BOOL)


@pytest.mark.parametrize(
    ("sign", "value", "settled"),
    [
        ("&&", FALSE, True),
        ("&&", TRUE, False),
        ("||", TRUE, True),
        ("||", FALSE, False),
        ("&&", null(BOOL), True),
        ("||", null(BOOL), False),
        ("&&", unknown(BOOL), False),
        ("+", ONE, False),
    ],
)
def test_what_settles_the_result(sign: str, value: Value, settled: bool) -> None:
    assert BINARY[sign].settles(value) is settled


@pytest.mark.parametrize(
    ("left", "right", "wanted"),
    [
        (NULL, null(STRING), True),
        (NULL, ONE, False),
        (PAIR, tuple_of([ONE, A]), True),
        (PAIR, tuple_of([ONE, NULL]), False),
        (tuple_of([NULL]), tuple_of([NULL]), True),
        (LIST, tuple_of([ONE, TWO]), False),
        (LIST, list_of(NUMBER, [ONE]), False),
        (object_of({"a": ONE}), object_of({"a": ONE}), True),
        (object_of({"a": ONE}), object_of({"a": TWO}), False),
        (MAP, map_of(NUMBER, {"b": ONE}), False),
        (set_of(NUMBER, [ONE, TWO]), set_of(NUMBER, [TWO, ONE]), True),
        (unknown(STRING), A, None),
        (unknown(STRING), ONE, False),
        (ANY_UNKNOWN, ONE, None),
        (tuple_of([unknown(NUMBER)]), tuple_of([ONE]), None),
        (tuple_of([unknown(NUMBER), ONE]), tuple_of([ONE, TWO]), False),
        (NULL, unknown(STRING), None),
    ],
)
def test_equality(left: Value, right: Value, wanted: bool | None) -> None:
    found = equals(left, right)
    assert found.raw is (UNKNOWN if wanted is None else wanted)


@pytest.mark.parametrize(
    ("collection", "key", "wanted"),
    [
        (PAIR, ZERO, ONE),
        (PAIR, string("1"), A),
        (LIST, ONE, TWO),
        (MAP, A, ONE),
        (map_of(NUMBER, {"1": ONE}), ONE, ONE),
        (object_of({"a": ONE}), A, ONE),
        (object_of({"1": A}), ONE, A),
        (unknown(List(STRING)), ZERO, unknown(STRING)),
        (unknown(Map(STRING)), A, unknown(STRING)),
        (unknown(Object({"a": STRING})), A, unknown(STRING)),
        (object_of({"a": ONE}), unknown(STRING), ANY_UNKNOWN),
        (PAIR, unknown(NUMBER), ANY_UNKNOWN),
        (ANY_UNKNOWN, ONE, ANY_UNKNOWN),
    ],
)
def test_index(collection: Value, key: Value, wanted: Value) -> None:
    assert index(collection, key) == wanted


@pytest.mark.parametrize(
    ("collection", "key", "detail"),
    [
        (NULL, ZERO, "This value is null, so it does not have any indices."),
        (PAIR, NULL, "Can't use a null value as an indexing key."),
        (PAIR, A, ": a number is required."),
        (PAIR, TWO, ": the given index is greater than or equal to the length of the collection."),
        (PAIR, whole(3), "in this collection value."),
        (PAIR, whole(-1), ": a negative number is not a valid index for a sequence."),
        (PAIR, HALF, "requires a whole number, but the given index has a fractional part."),
        (tuple_of([]), ZERO, ": the collection has no elements."),
        (MAP, string("b"), "in this collection value."),
        (object_of({}), ONE, "An object only supports looking up attributes by name, not by numeric index."),
        (object_of({}), A, "in this collection value."),
        (object_of({}), PAIR, ": string required, but have tuple."),
        (set_of(NUMBER, [ONE]), ZERO, "perform operations across all elements of the set."),
        (A, ZERO, "This value does not have any indices."),
        (PAIR, Value(NUMBER, number.parse("1e30")), "in this collection value."),
    ],
)
def test_what_has_no_such_index(collection: Value, key: Value, detail: str) -> None:
    with pytest.raises(AccessError) as caught:
        index(collection, key)
    assert caught.value.detail.endswith(detail)
    assert caught.value.summary in ("Invalid index", "Attempt to index null value")


@pytest.mark.parametrize(
    ("value", "key", "wanted"),
    [
        (object_of({"a": ONE}), "a", ONE),
        (MAP, "a", ONE),
        (unknown(Map(STRING)), "a", unknown(STRING)),
        (unknown(Object({"a": STRING})), "a", unknown(STRING)),
        (ANY_UNKNOWN, "a", ANY_UNKNOWN),
    ],
)
def test_attribute(value: Value, key: str, wanted: Value) -> None:
    assert attribute(value, key) == wanted


@pytest.mark.parametrize(
    ("value", "summary", "detail"),
    [
        (null(MAP.type), "Attempt to get attribute from null value", "does not have any attributes."),
        (object_of({}), UNSUPPORTED, 'This object does not have an attribute named "a".'),
        (map_of(STRING, {}), "Missing map element", 'This map does not have an element with the key "a".'),
        (A, UNSUPPORTED, "Can't access attributes on a primitive-typed value (string)."),
        (PAIR, UNSUPPORTED, "This value does not have any attributes."),
        (list_of(Object({"a": STRING}), []), UNSUPPORTED, f'attribute "a" {FOR_ONE}'),
        (list_of(Object({}), []), UNSUPPORTED, f"an attribute {FOR_ONE}"),
        (set_of(Object({}), []), UNSUPPORTED, "access an attribute across all elements of the set?"),
    ],
)
def test_what_has_no_such_attribute(value: Value, summary: str, detail: str) -> None:
    with pytest.raises(AccessError) as caught:
        attribute(value, "a")
    assert caught.value.summary == summary
    assert caught.value.detail.endswith(detail)
    assert str(caught.value) == f"{summary}; {caught.value.detail}"


def test_asking_for_an_index_converts_nothing() -> None:
    assert operators.has_index(PAIR, ONE)
    assert not operators.has_index(PAIR, string("1"))
    assert operators.has_index(MAP, A)
    assert not operators.has_index(MAP, ONE)
    assert BINARY["=="].operand == DYNAMIC
