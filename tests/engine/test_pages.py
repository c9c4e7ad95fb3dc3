"""The pages' commands, run one after the other in a folder of their own, say what stands below them."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests import pages

if TYPE_CHECKING:
    from tests.commands import Command, Result

ALL = {page.name: list(pages.blocks(page)) for page in pages.pages()}
WALKS = {name: walk for name, walk in ALL.items() if any(block.is_run for block in walk)}


@pytest.mark.parametrize("walk", WALKS.values(), ids=WALKS)
def test_a_page_says_what_happens(walk: list[pages.Block], pybake: Command, tmp_path: Path) -> None:
    path = f"{Path(sys.executable).parent}:{pybake.environment['PATH']}"
    here = pybake.where(PATH=path, COLUMNS="100")
    for block in walk:
        if block.kind == "file":
            (tmp_path / block.note).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / block.note).write_text(block.text)
        elif block.is_run:
            HOW[block.language](block, here)


def console(block: pages.Block, here: Command) -> None:
    for session in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        command, _, output = re.sub(r"\\\n\s*", " ", session).partition("\n")
        told = ok(block, here.runs("sh", "-c", command)())
        if output:
            pattern = re.escape(output).replace("…", ".*?")
            assert re.fullmatch(pattern, told.stdout, re.DOTALL), f"{block}: {command}\n{told.stdout}"


def shell(block: pages.Block, here: Command) -> None:
    ok(block, here.runs("sh", "-euc", block.text)())


def python(block: pages.Block, here: Command) -> None:
    ok(block, here.runs(sys.executable, "-c", block.text)())


HOW = {"console": console, "sh": shell, "python": python}


def ok(block: pages.Block, told: Result) -> Result:
    assert told.code == 0, f"{block}\n{told.stdout}\n{told.stderr}"
    return told
