from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bake.syntax.dialects import dialect_of

if TYPE_CHECKING:
    from bake.source import Dialect


@pytest.mark.parametrize(
    ("name", "dialect"),
    [
        ("docker-bake.hcl", "hcl"),
        ("docker-bake.override.json", "json"),
        ("docker-bake.toml", "toml"),
        ("compose.yaml", "compose"),
        ("docker-compose.YML", "compose"),
    ],
)
def test_the_name_decides(name: str, dialect: Dialect) -> None:
    assert dialect_of(name, "") == dialect


@pytest.mark.parametrize(
    ("text", "dialect"),
    [
        ("", "hcl"),
        ('target "a" {}', "hcl"),
        ("a = 1", "hcl"),
        ("# c\n// d\n/* e\n*/ group {}", "hcl"),
        ('\ufeff {"target": {}}', "json"),
        ('[{"target": {}}]', "json"),
        ('{"services": {}}', "compose"),
        ('{"x-a": 1, "services": {}}', "compose"),
        ('{"target": {"a": {"args": {"services": "x"}}}}', "json"),
        ('{"services": ', "json"),
        ("{services: {}}", "compose"),
        ("# c\nservices:\n  a: {}\n", "compose"),
        ("---\nservices: {}\n", "compose"),
        ("x-a: &x 1\nservices: {}\n", "compose"),
    ],
)
@pytest.mark.parametrize("name", ["-", "recipe", "a.JSON"])
def test_else_the_text_decides(name: str, text: str, dialect: Dialect) -> None:
    assert dialect_of(name, text) == dialect
