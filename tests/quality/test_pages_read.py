"""Every code block of README.md and docs/ is run, read, or says why not."""

from __future__ import annotations

import json
import tomllib
from typing import TYPE_CHECKING, Any

import pytest
import yaml

import bake
from bake.api.machine import this_machine
from tests import pages

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PAGES = pages.pages()
BLOCKS = [block for page in PAGES for block in pages.blocks(page)]
READERS: dict[str, Callable[[str], Any]] = {"json": json.loads, "toml": tomllib.loads, "yaml": yaml.safe_load}


@pytest.mark.parametrize("block", BLOCKS, ids=str)
def test_a_block_is_run_or_read_or_says_why_not(block: pages.Block) -> None:
    assert block.language in (*pages.RUN, *pages.READ, *pages.SAID)
    if block.kind == "run by":
        assert str(block.page.name) in (pages.ROOT / block.note).read_text(), (
            f"{block.note} does not name the page"
        )


@pytest.mark.parametrize("block", [one for one in BLOCKS if one.language in READERS], ids=str)
def test_data_can_be_read(block: pages.Block) -> None:
    READERS[block.language](block.text)


@pytest.mark.parametrize("block", [one for one in BLOCKS if one.language == "hcl"], ids=str)
def test_a_bake_file_means_something(block: pages.Block, tmp_path: Path) -> None:
    (tmp_path / "docker-bake.hcl").write_text(block.text)
    host = this_machine({"HOME": str(tmp_path)}, str(tmp_path))

    definition = bake.load(host=host)

    assert definition.targets
    assert definition.warnings == ()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_code_is_fenced(page: Path) -> None:
    assert list(pages.indented(page)) == []
