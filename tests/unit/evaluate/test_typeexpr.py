from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bake.evaluate.typeexpr import type_constraint
from bake.evaluate.types import BOOL, DYNAMIC, NUMBER, STRING, List, Map, Object, Set, Tuple, Type
from tests.fakes.evaluating import expression

if TYPE_CHECKING:
    from bake.errors import BakeError


def read(text: str) -> tuple[Type, list[BakeError]]:
    faults: list[BakeError] = []
    return type_constraint(expression(text), faults), faults


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("string", STRING),
        ("(number)", NUMBER),
        ("bool", BOOL),
        ("any", DYNAMIC),
        ("list(string)", List(STRING)),
        ("set(any)", Set(DYNAMIC)),
        ("map(list(number))", Map(List(NUMBER))),
        ("tuple([string, bool])", Tuple((STRING, BOOL))),
        ("tuple([])", Tuple(())),
        ("object({})", Object({})),
        (
            "object({ a = string, b = optional(number) })",
            Object({"a": STRING, "b": NUMBER}, frozenset({"b"})),
        ),
        ("object({ a = object({ b = bool }) })", Object({"a": Object({"b": BOOL})})),
    ],
)
def test_types(text: str, wanted: Type) -> None:
    assert read(text) == (wanted, [])


LIST = "The list type constructor requires one argument specifying the element type."


@pytest.mark.parametrize(
    ("text", "place", "detail"),
    [
        ("strin", "1,5-10", 'The keyword "strin" is not a valid type specification.'),
        ("null", "1,5-9", 'The keyword "null" is not a valid type specification.'),
        ("list", "1,5-9", LIST),
        ("list()", "1,9-11", LIST),
        ("list(string, bool)", "1,18-22", LIST),
        (
            '"string"',
            "1,5-13",
            "A type specification is either a primitive type keyword (bool, number, string) or a complex "
            "type "
            "constructor call, like list(string).",
        ),
        ("string(1)", "1,11-14", 'Primitive type keyword "string" does not expect arguments.'),
        ("any(1)", "1,8-11", 'Type constraint keyword "any" does not expect arguments.'),
        ("lisst(string)", "1,5-18", 'Keyword "lisst" is not a valid type constructor.'),
        (
            "optional(string)",
            "1,5-13",
            'Keyword "optional" is valid only as a modifier for object type attributes.',
        ),
        ("tuple(string)", "1,11-17", "Tuple type constructor requires a list of element types."),
        (
            "object(string)",
            "1,12-18",
            "Object type constructor requires a map whose keys are attribute names and whose values are the "
            "corresponding attribute types.",
        ),
        ('object({ "a" = string })', "1,14-17", "Object constructor map keys must be attribute names."),
        ("object({ a = string, a = bool })", "1,26-27", "Object constructor map keys must be unique."),
        (
            "object({ a = optional() })",
            "1,26-28",
            "Optional attribute modifier requires the attribute type as its argument.",
        ),
        (
            'object({ a = optional(string, "x") })',
            "1,26-39",
            "Optional attribute modifier expects only one argument: the attribute type.",
        ),
    ],
)
def test_faults(text: str, place: str, detail: str) -> None:
    assert [str(fault) for fault in read(text)[1]] == [f"f.hcl:{place}: Invalid type specification; {detail}"]


def test_the_nearest_keyword_is_the_hint() -> None:
    assert read("strin")[1][0].hint == 'Did you mean "string"?'
    assert read("lisst(string)")[1][0].hint == 'Did you mean "list"?'


def test_every_fault_of_a_type_is_told() -> None:
    assert len(read("object({ a = nope, b = list(nada) })")[1]) == 2
