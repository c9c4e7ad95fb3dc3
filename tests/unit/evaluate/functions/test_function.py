from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bake.evaluate import functions
from bake.evaluate.functions import Function, FunctionError, Parameter, Takes
from bake.evaluate.types import STRING
from bake.evaluate.values import ANY_UNKNOWN, NULL, Value, null, string, tuple_of, unknown
from bake.host import Host

if TYPE_CHECKING:
    from collections.abc import Sequence

HOST = Host()


def collect(arguments: Sequence[Value], host: Host) -> Value:
    assert host is HOST
    return tuple_of(arguments)


STRICT = Function(collect, (Parameter("a", STRING), Parameter("b", STRING)), Parameter("rest"), STRING)
LENIENT = Function(collect, rest=Parameter("any", allow_null=True, allow_unknown=True, allow_dynamic=True))
A = string("a")


def test_arguments_reach_the_body() -> None:
    assert STRICT.call([A, A, A], HOST) == tuple_of([A, A, A])
    assert LENIENT.call([NULL, ANY_UNKNOWN, A], HOST) == tuple_of([NULL, ANY_UNKNOWN, A])
    assert LENIENT.call([], HOST) == tuple_of([])


@pytest.mark.parametrize(
    ("arguments", "blamed"), [([null(STRING), A], 0), ([A, NULL], 1), ([A, A, A, NULL], 3)]
)
def test_null_is_refused(arguments: list[Value], blamed: int) -> None:
    with pytest.raises(FunctionError) as caught:
        STRICT.call(arguments, HOST)
    assert caught.value.message == "argument must not be null"
    assert caught.value.argument == blamed


def test_the_unknown_makes_the_result_unknown() -> None:
    assert STRICT.call([unknown(STRING), A], HOST) == unknown(STRING)
    assert STRICT.call([A, A, ANY_UNKNOWN], HOST) == unknown(STRING)


def test_parameters_by_index() -> None:
    assert [one.name if (one := STRICT.parameter(index)) else None for index in (0, 1, 2, 9)] == [
        "a",
        "b",
        "rest",
        "rest",
    ]
    assert Function(collect).parameter(0) is None
    with pytest.raises(FunctionError, match="too many arguments"):
        Function(collect).call([A], HOST)


def test_every_function_is_found_and_no_other() -> None:
    assert list(functions.names()) == sorted(functions.names())
    assert len(list(functions.names())) == 106
    assert all(functions.find(name) for name in functions.names())
    assert functions.find("nope") is None


@pytest.mark.parametrize("name", ["can", "try", "convert"])
def test_some_take_more_than_values(name: str) -> None:
    found = functions.find(name)
    assert found is not None
    parameters = [*found.parameters, *filter(None, [found.rest])]
    assert any(one.takes is not Takes.VALUE for one in parameters)
    with pytest.raises(FunctionError):
        found.call([A for _ in parameters], HOST)
