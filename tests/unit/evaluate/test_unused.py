"""Which variables nothing refers to."""

from __future__ import annotations

import pytest

from tests.fakes.defining import defined

TARGET = 'target "a" {}\n'


def unused(*texts: str) -> list[str]:
    warnings = defined(*texts).warnings
    return [fault.span.text for fault in warnings if fault.summary == "Unused variable"]


def test_a_variable_that_nothing_refers_to() -> None:
    assert unused('variable "A" { default = 1 }\nvariable "B" {}\n' + TARGET) == ['"A"', '"B"']


@pytest.mark.parametrize(
    "use",
    [
        'target "b" { tags = ["x:${A}"] }',
        'target "b" {\n matrix = { x = [A] }\n name = "b-${x}"\n}',
        'variable "B" { default = A }\ntarget "b" { args = { B = B } }',
        'function "f" {\n params = []\n result = A\n}',
        'function "f" {\n params = [x]\n result = upper(x)\n}\ntarget "b" { tags = [f(A)] }',
        "b = A",
        'group "g" { targets = A == "" ? [] : [] }',
        'target "b" { tagz = A }',
        'target "b" { args = { A = "%{ if A != "" }x%{ endif }" } }',
        'target "b" { args = { for x in [1] : A => x } }',
        'target "b" { labels = { (A) = "x" } }',
    ],
)
def test_every_expression_counts(use: str) -> None:
    assert unused(f'variable "A" {{ default = "a" }}\n{use}\n{TARGET}') == []


def test_a_validation_uses_its_variable() -> None:
    rule = 'variable "A" {\n default = "a"\n validation {\n condition = A != ""\n }\n}\n'
    assert unused(rule + TARGET) == []


def test_names_of_its_own_are_not_the_variable() -> None:
    assert unused('variable "x" {}\ntarget "a" { tags = [for x in ["1"] : x] }\n') == ['"x"']


def test_other_files_of_the_definition_count() -> None:
    assert unused('variable "A" { default = "1" }\n', 'target "a" { args = { A = A } }\n') == []


def test_files_of_variables_alone_are_let_be() -> None:
    assert unused('variable "A" { default = "1" }\n') == []
