"""Deprecated forms, and their replacements that are none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bake.model.deprecated import deprecated
from bake.source import Source
from bake.syntax import parse

if TYPE_CHECKING:
    from bake.source import Dialect


def found(text: str, dialect: Dialect = "hcl") -> list[tuple[str, str | None]]:
    faults = deprecated(parse(Source("docker-bake", text, dialect)))
    return [(fault.span.text if fault.span else "", fault.hint) for fault in faults]


@pytest.mark.parametrize(
    ("expression", "place", "hint"),
    [
        ("x.0", ".0", "write `[0]`"),
        ("f(x).0.a", ".0", "write `[0]`"),
        ("x.*.a", ".*", "write `[*]`"),
        ('formatdate("YYYY", t)', "formatdate", "use `formattimestamp`"),
        ('[for a in b : "${a.0}"]', ".0", "write `[0]`"),
        ('"%{ for a in b.0 }%{ endfor }"', ".0", "write `[0]`"),
    ],
)
def test_deprecated_expressions(expression: str, place: str, hint: str) -> None:
    assert found(f'target "a" {{\n args = {{ A = {expression} }}\n}}\n') == [(place, hint)]


@pytest.mark.parametrize(
    "expression", ["x[0]", "x[*].a", "x.a", 'formattimestamp("YYYY", t)', "1.0", '"x.0"']
)
def test_what_is_not_deprecated(expression: str) -> None:
    assert found(f"a = {expression}\n") == []


def test_strings_of_json_are_looked_into() -> None:
    assert found('{"a": "${x.0}"}', "json") == [(".0", "write `[0]`")]


def test_the_version_of_a_compose_file() -> None:
    text = "version: '3'\nservices:\n  version:\n    build: .\n"
    assert found(text, "compose") == [("version", "remove it")]
    assert found("services: {}\n", "compose") == []
