"""Every block of docs/api.md runs, alone, as it stands there."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.commands import Command

PAGE = (Path(__file__).parents[2] / "docs/api.md").read_text()
BLOCKS = re.findall(r"^## ([^\n]+)\n|^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def numbered() -> dict[str, str]:
    """The blocks by the heading they stand under and their number there."""
    found: dict[str, str] = {}
    heading, number = "", 0
    for title, code in BLOCKS:
        heading, number = (title, 0) if title else (heading, number + 1)
        if code:
            found[f"{heading} {number}"] = code
    return found


@pytest.mark.parametrize("name", numbered())
def test_a_block_of_the_page_runs(name: str, project: Path, pybake: Command) -> None:
    (project / "block.py").write_text(numbered()[name])

    pybake.runs(sys.executable, project / "block.py")().ok()


def test_no_other_code_hides_on_the_page() -> None:
    assert PAGE.count("```") == 2 * len(numbered())
