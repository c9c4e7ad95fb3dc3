from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bake.evaluate.types import NUMBER, STRING, List, Object, Type
from bake.source import Cause
from tests.fakes.evaluating import config, plain, refusals, refused

if TYPE_CHECKING:
    from bake.evaluate.config import Variable


AB = Object({"a": STRING, "b": STRING}, frozenset({"b"}))


def variable(body: str, **outside: Any) -> Variable:
    (found,) = config(f'variable "V" {{\n{body}\n}}\n', **outside).variables
    return found


@pytest.mark.parametrize(
    ("body", "wanted", "wanted_type"),
    [
        ("", "", None),
        ("type = string", None, STRING),
        ("type = null", "", None),
        ("default = null", None, None),
        ("default = 1", 1, None),
        ('default = "1"\ntype = number', 1, NUMBER),
        ("default = [1]\ntype = list(string)", ["1"], List(STRING)),
        (
            'default = { a = "x" }\ntype = object({ a = string, b = optional(string) })',
            {"a": "x", "b": None},
            AB,
        ),
    ],
)
def test_defaults(body: str, wanted: Any, wanted_type: Type | None) -> None:
    found = variable(body)
    assert plain(found.value) == wanted
    assert found.type == wanted_type
    assert found.origin.cause is Cause.DEFAULT


@pytest.mark.parametrize(
    ("body", "environment", "wanted"),
    [
        ("", {"V": "1"}, "1"),
        ("default = 1", {"V": "2"}, 2),
        ("default = true", {"V": "0"}, False),
        ("default = null", {"V": "x"}, "x"),
        ("type = number", {"V": "2"}, 2),
        ("type = list(string)", {"V": "a,b"}, ["a", "b"]),
        ("type = list(string)", {"V_JSON": '["a,b"]'}, ["a,b"]),
        ("type = list(string)", {"V": "a", "V_JSON": '["j"]'}, ["j"]),
        ("type = map(number)", {"V": "a:1"}, {"a": 1}),
        ("type = object({ a = string, b = number })", {"V_JSON": '{"a": "x"}'}, {"a": "x", "b": None}),
        ("", {"V_JSON": "[1]"}, "[1]"),
        ("", {"V": "plain", "V_JSON": "[1]"}, "plain"),
        ('default = "d"', {"OTHER": "x"}, "d"),
    ],
)
def test_the_environment_beats_the_default(body: str, environment: dict[str, str], wanted: Any) -> None:
    found = variable(body, environment=environment)
    assert plain(found.value) == wanted


def test_var_beats_the_environment() -> None:
    found = variable("", variables={"V": "var"}, environment={"V": "env"})
    assert (found.value.raw, found.origin.cause, found.origin.detail) == ("var", Cause.VARIABLE, "V")


def test_the_origin_names_the_variable_of_the_environment() -> None:
    found = variable("type = list(string)", environment={"V_JSON": "[]"})
    assert (found.origin.cause, found.origin.detail) == (Cause.ENVIRONMENT, "V_JSON")


def test_a_default_is_an_origin_with_its_place() -> None:
    origin = variable('  default = "a"').origin
    assert str(origin.span) == "f.hcl:2,13-16"


@pytest.mark.parametrize("flag", ["1", "true", "T"])
def test_the_environment_can_be_turned_off(flag: str) -> None:
    off = {"V": "env", "BUILDX_BAKE_DISABLE_VARS_ENV_LOOKUP": flag}
    assert variable('default = "d"', environment=off).value.raw == "d"


def test_a_flag_that_is_no_boolean_turns_nothing_off() -> None:
    on = {"V": "env", "BUILDX_BAKE_DISABLE_VARS_ENV_LOOKUP": "yes"}
    assert variable('default = "d"', environment=on).value.raw == "env"


def test_a_declared_name_is_never_the_json_of_another() -> None:
    found = config(
        'variable "V" { type = list(string) }\nvariable "V_JSON" {}\n', environment={"V_JSON": "x"}
    ).variables
    assert [plain(one.value) for one in found] == [None, "x"]


BODY = "f.hcl:1,14-14: Invalid value; "


@pytest.mark.parametrize(
    ("body", "environment", "wanted"),
    [
        (
            'type = number\ndefault = "z"',
            {},
            f"{BODY}invalid type number for variable V default value: a number is required",
        ),
        (
            "type = object({ a = string })\ndefault = {}",
            {},
            f'{BODY}invalid type object for variable V default value: attribute "a" is required',
        ),
        (
            "type = number",
            {"V": "z"},
            f'{BODY}failed to parse V as number: strconv.ParseFloat: parsing "z": invalid syntax',
        ),
        (
            "type = list(string)",
            {"V": ""},
            f"{BODY}failed to convert variable V from CSV: failed to parse  as CSV: EOF",
        ),
        (
            "type = list(string)",
            {"V_JSON": "1"},
            f"{BODY}failed to convert variable V from JSON: missing expected [",
        ),
        ("type = object({})", {"V": "x"}, f"{BODY}unsupported type object for variable V"),
        ("type = any", {"V": "x"}, f"{BODY}unsupported type dynamic for variable V"),
        ("default = [1]", {"V": "x"}, f"{BODY}unsupported type tuple for variable V"),
        (
            "type = strin",
            {},
            'f.hcl:2,8-13: Invalid type specification; The keyword "strin" is not a valid type '
            "specification.",
        ),
        ("default = nope", {}, 'f.hcl:2,11-15: Unknown variable; There is no variable named "nope".'),
        ("description = V", {}, "f.hcl:2,15-16: Variables not allowed; Variables may not be used here."),
        (
            "description = null",
            {},
            "f.hcl:2,15-19: Unsuitable value type; Unsuitable value: null value is not allowed",
        ),
    ],
)
def test_faults(body: str, environment: dict[str, str], wanted: str) -> None:
    assert refused(f'variable "V" {{\n{body}\n}}\n', environment=environment) == [wanted]


def test_a_bad_value_from_outside_says_where_it_is_from() -> None:
    text = 'variable "V" { type = bool }'
    assert refusals(text, variables={"V": "x"})[0].hint == "The value comes from --var V."
    assert (
        refusals(text, environment={"V": "x"})[0].hint == "The value comes from the environment variable V."
    )


def test_descriptions() -> None:
    assert variable('description = "a ${1}"').description == "a 1"


RULE = "  validation {\n    condition = %s\n    error_message = %s\n  }"


@pytest.mark.parametrize(
    ("condition", "message", "wanted"),
    [
        ('V == "b"', '"must be b, not ${V}"', "4,17-25: Validation failed; must be b, not a"),
        (
            'V == "b"',
            "1",
            "4,17-25: Validation failed; This check failed, but has an invalid error message.",
        ),
        (
            "null",
            '"m"',
            "4,17-21: Invalid condition result; Condition expression must return either true or false, not "
            "null.",
        ),
        (
            "[]",
            '"m"',
            "4,17-19: Invalid condition result; Invalid condition result value: bool required, but have "
            "tuple",
        ),
        ("nope", '"m"', '4,17-21: Unknown variable; There is no variable named "nope".'),
        ("false", "nope", '5,21-25: Unknown variable; There is no variable named "nope".'),
        ("f(V)", '"m"', '4,17-18: Call to unknown function; There is no function named "f".'),
    ],
)
def test_validations(condition: str, message: str, wanted: str) -> None:
    text = f'variable "V" {{\n  default = "a"\n{RULE % (condition, message)}\n}}\n'
    text += 'function "f" {\n  params = [x]\n  result = x == "a"\n}\n'
    assert refused(text) == [f"f.hcl:{wanted}"]


def test_a_validation_that_holds() -> None:
    assert variable("default = 2\nvalidation {\n condition = V > 1\n}").value.raw is not None


def test_a_validation_without_a_message() -> None:
    text = 'variable "V" {\n  validation {\n    condition = false\n  }\n}\n'
    assert refused(text) == [
        "f.hcl:3,17-22: Validation failed; This check failed, but has an invalid error message."
    ]


def test_a_validation_without_a_condition() -> None:
    assert refused('variable "V" {\n  validation {\n  }\n}\n') == [
        "f.hcl:2,14-14: Invalid condition result; Condition expression must return either true or false, "
        "not null."
    ]


def test_every_validation_is_told() -> None:
    rule = "  validation {\n    condition = false\n  }\n"
    assert len(refused(f'variable "V" {{\n{rule}{rule}}}\nvariable "W" {{\n{rule}}}\n')) == 3
