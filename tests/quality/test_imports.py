"""The pinned list of packages that a command may import where no engine is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.imported import third_party

if TYPE_CHECKING:
    from pathlib import Path

    from tests.commands import Command

PYDANTIC = {"annotated_types", "pydantic", "pydantic_core", "typing_extensions", "typing_inspection"}

VERSION = {"click"}
PRINT = {"click", *PYDANTIC}
PARSERS = {"docker-bake.hcl": {"lark", "regex"}, "docker-bake.json": set[str](), "compose.yaml": {"yaml"}}
"""File → what parsing it imports while no tree of it is cached."""

TEXTS = {
    "docker-bake.hcl": 'target "default" {\n  tags = ["a:b"]\n}\n',
    "docker-bake.json": '{"target": {"default": {"tags": ["a:b"]}}}\n',
    "compose.yaml": "services:\n  default:\n    build: .\n    image: a:b\n",
}


def test_the_version_imports_the_command_line_alone(pybake: Command, tmp_path: Path) -> None:
    assert third_party(pybake, tmp_path / "record", "--version") == VERSION


@pytest.mark.parametrize("name", TEXTS)
def test_printing_imports_one_parser_and_the_model(pybake: Command, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(TEXTS[name])

    assert third_party(pybake, tmp_path / "record", "bake", "-f", name, "--print") == PRINT | PARSERS[name]


def test_printing_again_imports_no_parser(pybake: Command, tmp_path: Path) -> None:
    (tmp_path / "docker-bake.hcl").write_text(TEXTS["docker-bake.hcl"])

    pybake("bake", "--print").ok()

    assert third_party(pybake, tmp_path / "record", "bake", "--print") == PRINT
