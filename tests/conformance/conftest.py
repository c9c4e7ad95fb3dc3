"""The reference's binary, where it is at hand; what needs no engine runs it alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.commands import Command
from tools.engine.machine import ToolError
from tools.engine.packages import obtain

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def buildx() -> str:
    """The path of the reference `docker-buildx`."""
    try:
        return obtain().program("docker-buildx")
    except ToolError as error:
        pytest.skip(f"the reference is not at hand: {error}")


@pytest.fixture
def reference(buildx: str, tmp_path: Path) -> Command:
    """The reference, seeing nothing of this machine's environment."""
    return Command([buildx], {"HOME": "/home/user"}, tmp_path)
