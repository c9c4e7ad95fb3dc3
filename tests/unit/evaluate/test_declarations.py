from __future__ import annotations

import pytest

from bake.evaluate.declarations import Declarations, declarations
from bake.source import Source
from bake.syntax import parse


def declared(*texts: str) -> Declarations:
    files = [parse(Source(f"{name}.hcl", text, "hcl")) for name, text in zip("fgh", texts, strict=False)]
    return declarations(files, ("target", "group"), ("BUILTIN",))


def test_later_files_replace_variables_functions_and_attributes() -> None:
    text = 'variable "V" {}\nfunction "f" {}\na = 1\n'
    found = declared(text, text)
    places = [found.variables["V"], found.functions["f"], found.attributes["a"]]
    assert [one.source.name for one in places] == ["g.hcl"] * 3


def test_blocks_are_all_kept_in_order() -> None:
    found = declared('target "a" {}\ngroup "g" {}', 'target "a" {}')
    assert [(one.type.text, one.source.name) for one in found.blocks] == [
        ("target", "f.hcl"),
        ("group", "f.hcl"),
        ("target", "g.hcl"),
    ]


def test_reserved_names_declare_nothing() -> None:
    found = declared(
        'variable "target" {}\nvariable "BUILTIN" {}\nfunction "group" {}\ntarget = 1\nBUILTIN = 2\n'
    )
    assert (found.variables, found.functions, found.attributes, found.faults) == ({}, {}, {}, [])


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("variable {}", "1,10-11: Missing name for variable; All variable blocks must have 1 labels (name)."),
        ("target {}", "1,8-9: Missing name for target; All target blocks must have 1 labels (name)."),
        (
            'group "a" "b" {}',
            "1,11-14: Extraneous label for group; Only 1 labels (name) are expected for group blocks.",
        ),
        (
            'variable "v" {\nvalidation "a" {}\n}',
            "2,12-15: Extraneous label for validation; No labels are expected for validation blocks.",
        ),
    ],
)
def test_labels(text: str, wanted: str) -> None:
    assert [str(fault) for fault in declared(text).faults] == [f"f.hcl:{wanted}"]


def test_an_unknown_block_is_a_warning_with_the_nearest_type() -> None:
    found = declared('targt "a" {}\nservice "b" {}')
    assert [(str(one), one.hint) for one in found.warnings] == [
        (
            'f.hcl:1,1-6: Unsupported block type; Blocks of type "targt" are not expected here.',
            'Did you mean "target"?',
        ),
        ('f.hcl:2,1-8: Unsupported block type; Blocks of type "service" are not expected here.', None),
    ]
