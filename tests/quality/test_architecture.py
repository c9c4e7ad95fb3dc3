"""What ARCHITECTURE.md names is there: seams, paths, and a page for every page."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "ARCHITECTURE.md").read_text()
SEAMS = re.findall(r"^    ((?:[a-z]+\.)+)(\w+)(?:[( ])(?:.*)-> ", TEXT, re.MULTILINE)
PATHS = sorted(set(re.findall(r"`((?:bake|tests|tools|docs)/[\w./]+)`", TEXT)))


@pytest.mark.parametrize(("module", "name"), SEAMS, ids=lambda part: str(part).strip("."))
def test_a_seam_is_there(module: str, name: str) -> None:
    assert hasattr(import_module(f"bake.{module.rstrip('.')}"), name)


def test_all_seams_were_found() -> None:
    block = TEXT[TEXT.index("## The seams") :]
    assert len(SEAMS) >= len(re.findall(r"^    .*-> ", block, re.MULTILINE)) - 1  # one line names two


@pytest.mark.parametrize("path", PATHS)
def test_a_path_is_there(path: str) -> None:
    assert (ROOT / path).exists()


def test_the_list_of_pages_is_whole() -> None:
    listed = set(re.findall(r"\]\(([\w-]+\.md)\)", (ROOT / "docs/README.md").read_text()))

    assert {path.name for path in (ROOT / "docs").glob("*.md")} - {"README.md"} == listed
