from __future__ import annotations

from tests.fakes.evaluating import config, plain


def test_blocks_of_several_files_stand_in_their_order() -> None:
    found = config(
        'target "a" {}\ngroup "g" { targets = ["a"] }', 'target "b" {}\ntarget "a" { context = "2" }'
    )
    assert [(one.name, one.syntax.source.name) for one in found.targets] == [
        ("a", "f.hcl"),
        ("b", "f2.hcl"),
        ("a", "f2.hcl"),
    ]
    assert [one.name for one in found.groups] == ["g"]


def test_a_variable_of_a_later_file_replaces_the_earlier_one_whole() -> None:
    found = config(
        'variable "v" {\n  default = 1\n  description = "old"\n}', 'variable "v" { type = string }'
    )
    (variable,) = found.variables
    assert (variable.value.raw, variable.description) == (None, "")


def test_variables_stand_in_the_order_of_the_files() -> None:
    found = config(
        'variable "b" {}\nvariable "a" { default = b }', 'variable "c" {}\nvariable "b" { default = 1 }'
    )
    assert [(one.name, plain(one.value)) for one in found.variables] == [("b", 1), ("a", 1), ("c", "")]


def test_an_attribute_keeps_its_syntax() -> None:
    found = config('target "t" {\n  tags = ["a", "b"]\n}').targets[0].attributes["tags"]
    assert str(found.syntax.span) == "f.hcl:2,3-20"


def test_nothing_gives_nothing() -> None:
    found = config("")
    assert (found.targets, found.groups, found.variables, found.warnings) == ((), (), (), ())
