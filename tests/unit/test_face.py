"""The library's public face: what it names is there, and naming it costs nothing."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import bake
import bake.buildkit

ROOT = Path(bake.__file__).parent
FACES = {"bake": ROOT / "__init__.py", "bake.buildkit": ROOT / "buildkit/__init__.py"}


def typed(path: Path) -> dict[str, str]:
    """What a type checker sees: the names imported for it and where they come from."""
    return {
        alias.asname or alias.name: node.module or ""
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom)
        and node.module not in ("__future__", "typing", "importlib", "bake")
        for alias in node.names
    }


@pytest.mark.parametrize("name", FACES)
def test_what_is_named_for_readers_and_at_run_time_is_the_same(name: str) -> None:
    assert typed(FACES[name]) == sys.modules[name].__dict__["_HOMES"]


@pytest.mark.parametrize("name", FACES)
def test_every_name_is_there_and_is_documented(name: str) -> None:
    page = (ROOT.parent / "docs/api.md").read_text()
    for public in typed(FACES[name]):
        assert getattr(sys.modules[name], public).__doc__, public
        assert f"`{public}" in page or f".{public}(" in page or f"{public}(" in page, public


@pytest.mark.parametrize("name", FACES)
def test_a_type_checker_knows_no_names_but_these(name: str) -> None:
    statements = ast.parse(FACES[name].read_text()).body
    assert [one.name for one in statements if isinstance(one, ast.FunctionDef)] == ["__dir__"]


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        bake.nonsense  # type: ignore[attr-defined]  # noqa: B018


def test_importing_bake_imports_nothing_else() -> None:
    code = "import sys; before = set(sys.modules); import bake; print(*sorted(set(sys.modules) - before))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert {name.partition(".")[0] for name in found.split()} - sys.stdlib_module_names == {"bake"}
    assert [name for name in found.split() if name.startswith("bake.")] == []


def test_the_package_says_that_it_is_typed() -> None:
    assert (ROOT / "py.typed").exists()
