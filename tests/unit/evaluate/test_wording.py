from __future__ import annotations

from bake.errors import BakeError
from bake.evaluate.wording import did_you_mean, first_of, nearest


def test_the_nearest_of_several() -> None:
    assert nearest("contxt", ["context", "contexts"]) == "context"
    assert nearest("ab", ["ac", "ad"]) == "ac"
    assert nearest("abc", ["xyz"]) is None
    assert did_you_mean("abc", []) is None
    assert did_you_mean("a", ["b"]) == 'Did you mean "b"?'


def test_several_faults_in_one_line() -> None:
    fault = BakeError("s", detail="d")
    assert first_of([fault]) == "s; d"
    assert first_of([fault, fault, fault]) == "s; d, and 2 other diagnostic(s)"
