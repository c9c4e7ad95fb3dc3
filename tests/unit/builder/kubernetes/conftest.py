from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.fakes.kubernetes import Cluster

if TYPE_CHECKING:
    from collections.abc import Iterator

NOWHERE = "tcp://127.0.0.1:9"


@pytest.fixture
def server() -> Iterator[Cluster]:
    """A cluster whose pods lead nowhere."""
    with Cluster([NOWHERE]) as running:
        yield running
