from __future__ import annotations

from typing import Any

import pytest

from tests.fakes.evaluating import attribute, config, plain, refused

DOUBLE = 'function "double" {\n  params = [x]\n  result = x * 2\n}\n'
ALL = 'function "all" {\n  params = [a]\n  variadic_params = rest\n  result = [a, rest]\n}\n'


def called(text: str) -> Any:
    return attribute(f'{DOUBLE}{ALL}target "t" {{ output = [{text}] }}', "target.t.output")[0]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("double(2)", 4),
        ('double("3")', 6),
        ("all(1)", [1, []]),
        ("all(1, 2, true)", [1, [2, True]]),
        ("all([1, 2]...)", [1, [2]]),
        ("double(double(1))", 4),
    ],
)
def test_calls(text: str, wanted: Any) -> None:
    assert called(text) == wanted


def test_variables_are_in_reach_and_parameters_hide_them() -> None:
    text = 'variable "v" { default = "V" }\nvariable "x" { default = "X" }\n'
    text += 'function "f" {\n  params = [x]\n  result = "${v}${x}"\n}\n'
    text += 'target "t" { args = { a = f("p"), b = x } }'
    assert attribute(text) == {"a": "Vp", "b": "X"}


def test_functions_call_each_other_whatever_comes_first() -> None:
    text = (
        'variable "v" { default = f(1) }\nfunction "f" {\n params = [x]\n result = double(x) + 1\n}\n'
        + DOUBLE
    )
    assert plain(config(text).variables[0].value) == 3


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        ("params = []", "2,1-12: Invalid function; empty result not allowed for f"),
        ("result = 1", "1,10-13: Invalid function; empty params not allowed for f"),
        ("", "1,10-13: Invalid function; empty result not allowed for f"),
        ('params = "a"\nresult = 1', "2,11-12: Invalid expression; A static list expression is required."),
        (
            'params = ["a"]\nresult = 1',
            "2,11-14: Invalid param element; Each parameter name must be an identifier.",
        ),
        (
            "params = []\nvariadic_params = a.b\nresult = 1",
            "3,1-22: Invalid param element; Each parameter name must be an identifier.",
        ),
        (
            "params = []\nresult = 1\nparms = 1",
            '4,1-6: Unsupported argument; An argument named "parms" is not expected here.',
        ),
        ("params = []\nresult = nope", '3,10-14: Unknown variable; There is no variable named "nope".'),
        (
            "params = []\nresult = nope()",
            '3,10-16: Call to unknown function; There is no function named "nope".',
        ),
        ("params = []\nresult = target.t", '3,10-18: Unknown variable; There is no variable named "target".'),
        (
            'params = []\nresult = "a-${nope}-${nope}"',
            '3,10-29: Unknown variable; There is no variable named "nope".',
        ),
    ],
)
def test_faults(body: str, wanted: str) -> None:
    assert refused(f'function "f" {{\n{body}\n}}\ntarget "t" {{ output = [f()] }}\n') == [f"f.hcl:{wanted}"]


def test_faults_of_a_call_tell_the_way_to_them() -> None:
    text = 'function "f" {\n  params = [x]\n  result = g(x)\n}\n'
    text += 'function "g" {\n  params = [x]\n  result = "${x.a}${x.b} "\n}\n'
    assert refused(f'{text}target "t" {{ context = f(1) }}') == [
        'f.hcl:9,24-26: Error in function call; Call to function "f" failed: f.hcl:3,12-14: Error in '
        "function call; "
        'Call to function "g" failed: f.hcl:7,16-18: Unsupported attribute; Can\'t access attributes on a '
        "primitive-typed value (number)., and 1 other diagnostic(s).."
    ]


@pytest.mark.parametrize(
    ("result", "wanted"), [("can(nope)", False), ("try(nope, x)", "1"), ("convert(x, list(string))", ["1"])]
)
def test_what_need_not_exist(result: str, wanted: Any) -> None:
    argument = '["1"]' if "list" in result else '"1"'
    text = f'function "f" {{\n  params = [x]\n  result = {result}\n}}\n'
    assert attribute(f'{text}target "t" {{ output = [f({argument})] }}', "target.t.output") == [wanted]


def test_null_is_refused_as_an_argument() -> None:
    assert refused(f'{DOUBLE}target "t" {{ context = double(null) }}') == [
        'f.hcl:5,31-35: Invalid function argument; Invalid value for "x" parameter: argument must not be '
        "null."
    ]


def test_too_few_and_too_many_arguments() -> None:
    assert refused(
        f'{DOUBLE}{ALL}target "t" {{ args = {{ a = double(), b = double(1, 2), c = all() }} }}'
    ) == [
        'f.hcl:10,34-35: Not enough function arguments; Function "double" expects 1 argument(s). '
        'Missing value for "x".',
        'f.hcl:10,51-52: Too many function arguments; Function "double" expects only 1 argument(s).',
        'f.hcl:10,63-64: Not enough function arguments; Function "all" expects at least 1 argument(s). '
        'Missing value for "a".',
    ]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            'function "f" {\n  params = []\n  result = f()\n}\n',
            "3,12-15: Invalid expression; function cycle not allowed for f(): f() refers to f() at "
            "f.hcl:3,12-13",
        ),
        (
            'function "f" {\n  params = []\n  result = g()\n}\nfunction "g" {\n  params = []\n  result = '
            "f()\n}\n",
            "7,12-15: Invalid expression; function cycle not allowed for f(): f() refers to g() at "
            "f.hcl:3,12-13, "
            "g() refers to f() at f.hcl:7,12-13",
        ),
    ],
)
def test_recursion_is_refused(text: str, wanted: str) -> None:
    assert refused(text) == [f"f.hcl:{wanted}"]


def test_a_built_in_function_cannot_be_replaced() -> None:
    text = 'function "upper" {\n  params = [x]\n  result = "mine"\n}\ntarget "t" { context = upper("a") }'
    found = config(text)
    assert plain(found.targets[0].attributes["context"].value) == "A"
    assert [str(one) for one in found.warnings] == [
        'f.hcl:1,10-17: Function ignored; The built-in function "upper" cannot be replaced; this '
        "definition is ignored."
    ]


def test_a_later_function_replaces_an_earlier_one() -> None:
    later = 'function "double" {\n  params = [x]\n  result = x * 20\n}\ntarget "t" { output = [double(1)] }'
    assert plain(config(DOUBLE, later).targets[0].attributes["output"].value) == [20]


def test_a_chain_of_functions_that_is_too_deep_is_a_fault() -> None:
    chain = 'function "f0" {\n  params = []\n  result = 1\n}\n' + "".join(
        f'function "f{number}" {{\n  params = []\n  result = f{number - 1}()\n}}\n'
        for number in range(1, 400)
    )
    (fault,) = refused(f'{chain}target "t" {{ output = [f399()] }}')
    assert "Expression too deep" in fault
