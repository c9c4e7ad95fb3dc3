from __future__ import annotations

import pytest

from bake.api.definition import load
from bake.errors import DefinitionError
from bake.host import Host
from bake.source import Source


def test_values_that_have_no_meaning_are_told_beside_those_that_cannot_be_evaluated() -> None:
    text = 'target "t" {\n  args = { A = nope }\n  cache-to = ["type="]\n}\n'
    with pytest.raises(ExceptionGroup) as told:
        load([Source("f.hcl", text, "hcl")], Host())
    faults = [fault for fault in told.value.exceptions if isinstance(fault, DefinitionError)]
    assert [(fault.summary, fault.span and fault.span.line) for fault in faults] == [
        ("Unknown variable", 2),
        ("Unsuitable value type", 3),
    ]
