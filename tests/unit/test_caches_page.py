"""The bake files of docs/caches.md are bake files."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.fakes.planning import KEY

if TYPE_CHECKING:
    from tests.commands import Command

PAGE = Path(__file__).parents[2] / "docs/caches.md"
BLOCKS = re.findall(r"```hcl\n(.*?)```", PAGE.read_text(), re.DOTALL)


def test_there_are_some() -> None:
    assert len(BLOCKS) == 3


@pytest.mark.parametrize("block", BLOCKS)
def test_each_prints(block: str, tmp_path: Path, pybake: Command) -> None:
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys/deploy").write_bytes(KEY)
    (tmp_path / "docker-bake.hcl").write_text(block)
    assert '"app"' in pybake("--print", "app").ok().stdout
