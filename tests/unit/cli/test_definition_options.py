from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.commands import Command

URL = "https://user:word@127.0.0.1:1/x.git"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["bake", "--print"], True),
        (["graph"], True),
        (["bake", "--progress=quiet"], False),
        (["bake", "--progress=rawjson"], False),
    ],
)
def test_fetching_a_definition_is_told(pybake: Command, words: list[str], told: bool) -> None:
    answer = pybake(*words, URL, DOCKER_HOST="tcp://127.0.0.1:1")
    line = "fetching the definition from https://xxxxx:xxxxx@127.0.0.1:1/x.git\n"
    assert (answer.code != 0, line in answer.stderr, "word@" in answer.stderr) == (True, told, False)
