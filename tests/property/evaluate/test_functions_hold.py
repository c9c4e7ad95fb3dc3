"""Whatever a function is called with, it gives a value of its type or says what is wrong."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from bake.evaluate import functions, number, types
from bake.evaluate.convert import ConversionError, convert
from bake.evaluate.functions import FunctionError, Takes
from bake.evaluate.functions.clock import Time, parse
from bake.evaluate.values import (
    FALSE,
    NULL,
    TRUE,
    Value,
    common_type,
    list_of,
    map_of,
    normalized,
    null,
    object_of,
    set_of,
    tuple_of,
)
from bake.host import Host

HOST = Host(home="/home/user", now=lambda: 0.0, random=lambda count: b"\7" * count)
EAGER = [
    name
    for name in functions.names()
    if (found := functions.find(name))
    and all(one.takes is Takes.VALUE for one in (*found.parameters, *filter(None, [found.rest])))
]
WRITTEN = [
    "0",
    "-0",
    "1",
    "-1",
    "2",
    "0.5",
    "-7.25",
    "1e3",
    "1e30",
    "1e-30",
    "1e5000",
    "1e-5000",
    "1e99999999",
    "Inf",
    "-Inf",
    "1024",
]
LIKELY = ["", "a", "a,b\n1,2", "%s %5.2f%%", "(a|b)*", "$1", "2026-01-02T03:04:05Z", "YYYY-MM-DD", "1h30m"]
LIKELY += ["10.0.0.0/8", "::/0", "1.2.3", ">=1.0, <2 || ^3", '{"a": [1]}', "aGk=", "é", "e\u0301", "👩‍👩‍👧"]
LIKELY += ["\x00", "/a//b/..", "'x''"]

numbers = st.one_of(
    st.sampled_from(WRITTEN).map(number.parse),
    st.integers(-5, 70).map(number.integer),
    st.floats(allow_nan=False).map(number.from_float),
).map(lambda one: Value(types.NUMBER, one))
texts = st.one_of(
    st.sampled_from(LIKELY), st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
).map(normalized)
plain = st.one_of(
    numbers, texts, st.sampled_from([NULL, TRUE, FALSE, null(types.STRING), null(types.NUMBER)])
)


def collected(elements: list[Value]) -> Value:
    common = common_type(elements)
    return tuple_of(elements) if common is None else list_of(common, elements)


def as_set(elements: list[Value]) -> Value:
    common = common_type(elements)
    return tuple_of(elements) if common is None else set_of(common, elements)


def as_map(elements: dict[str, Value]) -> Value:
    common = common_type(list(elements.values()))
    return object_of(elements) if common is None else map_of(common, elements)


values = st.recursive(
    plain,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4).map(tuple_of),
        st.lists(inner, max_size=4).map(collected),
        st.lists(inner, max_size=4).map(as_set),
        st.dictionaries(st.sampled_from(["a", "b", "é"]), inner, max_size=3).map(object_of),
        st.dictionaries(st.sampled_from(["a", "b", "é"]), inner, max_size=3).map(as_map),
    ),
    max_leaves=6,
)


@pytest.mark.parametrize("name", EAGER)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow]
)
@given(data=st.data())
def test_a_call_gives_a_value_or_says_what_is_wrong(name: str, data: Any) -> None:
    function = functions.find(name)
    assert function is not None
    count = len(function.parameters) + (data.draw(st.integers(0, 3)) if function.rest else 0)
    arguments = []
    for index in range(count):
        parameter = function.parameter(index)
        assert parameter is not None
        try:
            arguments.append(convert(data.draw(_fitting(parameter.type)), parameter.type))
        except ConversionError:
            assume(False)
    if name == "bcrypt":
        assume(len(arguments) < 2 or arguments[1].raw is None or number.parse("5") < arguments[1].raw)
    try:
        found = function.call(arguments, HOST)
    except FunctionError as error:
        fault = error
    else:
        assert types.conforms(found.type, function.returns) or isinstance(function.returns, types.Object)
        return
    assert fault.message
    assert fault.argument is None or 0 <= fault.argument <= count


def _fitting(wanted: types.Type) -> st.SearchStrategy[Value]:
    if wanted == types.STRING:
        return texts
    if wanted == types.NUMBER:
        return numbers
    if wanted == types.BOOL:
        return st.sampled_from([TRUE, FALSE, null(types.BOOL)])
    if wanted == types.List(types.STRING):
        return st.lists(texts, max_size=3).map(tuple_of)
    if isinstance(wanted, types.Capsule):
        return st.just(NULL)  # no other value is one
    return values


@given(st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30)))
def test_the_calendar_is_python_s(moment: datetime) -> None:
    seconds = (moment.replace(tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1)
    time = Time(seconds)
    assert time.date == (moment.year, moment.month, moment.day)
    assert time.clock == (moment.hour, moment.minute, moment.second)
    assert time.weekday == moment.isoweekday() % 7
    assert time.year_day == moment.timetuple().tm_yday
    assert time.iso_week == tuple(moment.isocalendar())[:2]
    assert parse(time.rfc3339()) == time


@given(st.text(st.sampled_from("0123456789-T:Zz+., x"), max_size=28))
def test_no_timestamp_breaks_the_reader(text: str) -> None:
    try:
        found = parse(text)
    except ValueError as error:
        fault = str(error)
    else:
        assert found.rfc3339()[:4] == text[:4]
        return
    assert fault.startswith("not a valid RFC3339 timestamp: ")


@given(st.ip_addresses(), st.integers(0, 128), st.integers(0, 32), st.data())
def test_subnets_are_python_s(address: Any, prefix: int, extension: int, data: Any) -> None:
    prefix = min(prefix, address.max_prefixlen)
    network = ip_network((address, prefix), strict=False)
    assume(prefix + extension <= address.max_prefixlen)
    place = data.draw(st.integers(0, 2**extension - 1))
    function = functions.find("cidrsubnet")
    assert function is not None
    numbers_given = [Value(types.NUMBER, number.integer(one)) for one in (extension, place)]
    found = function.call([normalized(str(network)), *numbers_given], HOST).raw
    size = 2 ** (address.max_prefixlen - prefix - extension)
    assert found == f"{network.network_address + place * size}/{prefix + extension}"
