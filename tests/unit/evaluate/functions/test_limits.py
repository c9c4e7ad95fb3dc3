"""What would blow up is refused, and says so."""

from __future__ import annotations

import pytest

from bake.evaluate import functions, number
from bake.evaluate.budget import SpentError
from bake.evaluate.functions import FunctionError
from bake.evaluate.types import NUMBER
from bake.evaluate.values import Value, list_of, string, whole
from bake.host import Host

LONG = string("a\n" * 100_000)
MANY = list_of(NUMBER, [whole(count) for count in range(1024)])


@pytest.mark.parametrize(
    ("name", "arguments", "limit"),
    [
        ("indent", [whole(1000), LONG], "more than 16777216 characters"),
        ("replace", [LONG, string("a"), LONG], "more than 16777216 characters"),
        ("replace", [LONG, string(""), LONG], "more than 16777216 characters"),
        ("regex_replace", [LONG, string("a"), LONG], "more than 16777216 characters"),
        ("format", [string("%999999999d"), whole(1)], "more than 1000000"),
        ("format", [string("%.99999999f"), whole(1)], "more than 1000000"),
        ("format", [string("%1000000d" * 20), *[whole(1)] * 20], "more than 16777216 characters"),
        (
            "formatlist",
            [string("%1000000d"), list_of(NUMBER, [whole(1)] * 20)],
            "more than 16777216 characters",
        ),
        ("setproduct", [MANY, MANY, MANY], "more than 1048576 elements"),
        ("range", [Value(NUMBER, number.parse("1e9"))], "more than 1024 values were generated"),
        ("jsondecode", [string("[" * 10_000)], "exceeded max depth"),
        ("regex", [string("(" * 5000), string("")], "expression nests too deeply"),
        ("regex", [string("((a{100}){10}){10}"), string("")], "invalid repeat count"),
        ("regex", [string("a" * 300 + "(" + "a" * 300 + "){1000}"), string("")], "expression too large"),
    ],
)
def test_limit(name: str, arguments: list[Value], limit: str) -> None:
    function = functions.find(name)
    assert function is not None
    with pytest.raises(FunctionError, match=limit):
        function.call(arguments, Host())


def test_a_pattern_runs_so_many_instructions_and_no_more() -> None:
    function = functions.find("regex_replace")
    assert function is not None
    arguments = [string("a" * 2000), string("(a?){1000}(a?){1000}"), string("b")]
    with pytest.raises(SpentError):
        function.call(arguments, Host())


def test_a_hostile_pattern_costs_time_linear_in_the_text() -> None:
    function = functions.find("regexall")
    assert function is not None
    found = function.call([string("(x+x+)+y"), string("x" * 500)], Host())
    assert found.raw == ()
