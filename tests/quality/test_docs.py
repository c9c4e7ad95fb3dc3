"""Documents that tell what the code does: made from it, and complete."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bake.environment import VARIABLES, EnvironmentVariable
from tools import docs

ROOT = Path(__file__).parents[2]
CODE = "\n".join(
    path.read_text() for path in (ROOT / "bake").rglob("*.py") if path != ROOT / "bake/environment.py"
)
FAMILIES = re.compile(
    r'"((?:BUILDX|BUILDKIT|DOCKER|BAKE|EXPERIMENTAL|ACTIONS|COMPOSE|GIT_AUTH|SSH_AUTH|XDG)_[A-Z_]+)"'
)
NOT_READ = {
    *("BAKE_CMD_CONTEXT", "BAKE_LOCAL_PLATFORM"),
    *("GIT_AUTH_HEADER", "GIT_AUTH_TOKEN"),
    *(
        "BUILDKIT_INLINE_BUILDINFO_ATTRS",
        "BUILDKIT_INLINE_CACHE",
        "BUILDKIT_MULTI_PLATFORM",
        "BUILDKIT_SYNTAX",
    ),
}
"""Names of the language, of build arguments and of secrets, which look alike."""


@pytest.mark.parametrize("name", docs.PAGES)
def test_a_generated_page_is_fresh(name: str) -> None:
    assert (docs.FOLDER / name).read_text() == docs.PAGES[name](), "run `make docs`"


def test_every_variable_that_is_read_stands_in_the_table() -> None:
    assert set(FAMILIES.findall(CODE)) - NOT_READ - {row.name for row in VARIABLES} == set()


@pytest.mark.parametrize("row", VARIABLES, ids=lambda row: row.name)
def test_every_variable_of_the_table_is_read(row: EnvironmentVariable) -> None:
    assert f'"{row.name}"' in CODE


def test_links_between_documents_lead_somewhere() -> None:
    pages = [ROOT / "README.md", ROOT / "ARCHITECTURE.md", *(ROOT / "docs").glob("*.md")]
    links = [(page, link) for page in pages for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text())]
    assert [str(link) for page, link in links if not (page.parent / link).exists()] == []
