from __future__ import annotations

import pytest

from bake.evaluate import number, types, values
from bake.evaluate.types import BOOL, DYNAMIC, NUMBER, STRING, List, Map, Object, Tuple
from bake.evaluate.values import FALSE, NULL, TRUE, UNKNOWN, Value, null, string, unknown


def numeral(text: str) -> Value:
    return Value(NUMBER, number.parse(text))


def test_equal_values_are_of_equal_types() -> None:
    assert string("1") != numeral("1")
    assert numeral("1") != TRUE
    assert null(STRING) != NULL
    assert TRUE != "true"


def test_values_hash_as_they_compare() -> None:
    one, two = (values.object_of({"a": numeral(text), "b": string("x")}) for text in ("1", "1.0"))
    assert one == two
    assert hash(one) == hash(two)


@pytest.mark.parametrize(
    ("elements", "wanted"),
    [
        ([numeral(one) for one in ("10", "9", "1.5", "-1")], ["-1", "1.5", "9", "10"]),
        ([string(one) for one in ("b", "é", "B", "a", "")], ["", "B", "a", "b", "é"]),
    ],
)
def test_sets_are_in_cty_s_order(elements: list[Value], wanted: list[str]) -> None:
    found = values.set_of(elements[0].type, elements)
    assert found.raw == tuple(numeral(one) if elements[0].type == NUMBER else string(one) for one in wanted)


def test_truths_nulls_and_the_unknown_in_sets() -> None:
    found = values.set_of(BOOL, [null(BOOL), unknown(BOOL), TRUE, FALSE, TRUE])
    assert [one.raw for one in found.raw] == [False, True, UNKNOWN, None]


def test_structures_in_sets_are_ordered_by_their_text() -> None:
    pairs = [
        values.tuple_of([string(one), numeral(two)]) for one, two in (("b", "1"), ("a", "10"), ("a", "9"))
    ]
    found = values.set_of(pairs[0].type, pairs)
    assert [(one.raw[0].raw, int(one.raw[1].raw)) for one in found.raw] == [("a", 10), ("a", 9), ("b", 1)]


def test_maps_lists_and_objects_in_sets() -> None:
    mapped = [values.map_of(STRING, {"k\n": string(one)}) for one in ("b", "a")]
    assert values.set_of(Map(STRING), mapped).raw == tuple(reversed(mapped))
    objects = [values.object_of({"k": values.list_of(BOOL, [one])}) for one in (TRUE, FALSE)]
    assert values.set_of(objects[0].type, objects).raw == tuple(reversed(objects))


def test_both_zeros_stay_in_a_set() -> None:
    found = values.set_of(NUMBER, [numeral("0"), numeral("-0"), numeral("0")])
    assert [one.raw.negative for one in found.raw] == [True, False]


def test_untyped_nulls_take_the_type_of_the_elements() -> None:
    assert values.list_of(STRING, [NULL, string("a")]).raw == (null(STRING), string("a"))


def test_keys_are_in_order() -> None:
    assert list(values.object_of({"b": TRUE, "é": TRUE, "a": TRUE}).raw) == ["a", "b", "é"]
    assert list(values.map_of(BOOL, {"b": TRUE, "a": FALSE}).raw) == ["a", "b"]


@pytest.mark.parametrize(
    ("elements", "wanted"),
    [
        ([], DYNAMIC),
        ([NULL], DYNAMIC),
        ([NULL, TRUE], BOOL),
        ([TRUE, string("a")], None),
        ([TRUE, FALSE], BOOL),
    ],
)
def test_the_common_type(elements: list[Value], wanted: types.Type | None) -> None:
    assert values.common_type(elements) == wanted


def test_what_is_wholly_known() -> None:
    assert values.is_wholly_known(values.tuple_of([TRUE, NULL]))
    assert not values.is_wholly_known(values.tuple_of([values.object_of({"a": unknown(STRING)})]))


def test_text_is_normalized() -> None:
    assert values.normalized("e\u0301").raw == "é"


def test_a_value_shows_its_type() -> None:
    assert repr(values.tuple_of([TRUE])) == "Value(tuple, (Value(bool, True),))"
    assert repr(unknown(List(STRING))) == "Value(list of string, UNKNOWN)"
    assert values.tuple_of([TRUE]).type == Tuple((BOOL,))
    assert values.object_of({"a": TRUE}).type == Object({"a": BOOL})
