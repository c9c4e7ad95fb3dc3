from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bake.syntax.limits import MAX_LENGTH
from tests.unit.syntax.shapes import faults

if TYPE_CHECKING:
    from bake.source import Dialect


@pytest.mark.parametrize("dialect", ["hcl", "json", "toml", "compose"])
def test_a_text_may_not_be_longer_than_the_limit(dialect: Dialect) -> None:
    assert faults("#" * (MAX_LENGTH + 1), dialect) == ["1,1-1 File too large"]
    assert faults("#" * MAX_LENGTH, dialect) != ["1,1-1 File too large"]
