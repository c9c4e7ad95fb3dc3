"""Formatting real files: nothing but blanks changes, and the definition prints as before."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from bake.api.definition import Selection, load, printed, select
from bake.api.machine import this_machine
from bake.errors import BakeError, flatten
from bake.source import Source
from bake.syntax.format import canonical
from tests.conformance.judge import UNSTEADY
from tests.property.test_format import words

PLACE = re.compile(r"\d+,\d+-\d+")
CORPUS = Path(__file__).parents[2].parent / "shared" / "corpus" / "files"


def corpus_files() -> list[Any]:
    if not CORPUS.is_dir():
        return [pytest.param(None, marks=pytest.mark.skip(reason="../shared/corpus is not here"))]
    return [pytest.param(path, id=str(path.relative_to(CORPUS))) for path in sorted(CORPUS.rglob("*.hcl"))]


def meaning(source: Source) -> str | list[str]:
    """What the file prints, or what is wrong with it."""
    host = this_machine({"HOME": "/home/user"}, source.directory)
    try:
        return UNSTEADY.sub("", printed(select(load([source], host), Selection(), host)))
    except (BakeError, ExceptionGroup) as error:
        return [PLACE.sub("", f"{fault.summary}: {fault.detail}") for fault in flatten(error)]


@pytest.mark.parametrize("path", corpus_files())
def test_the_corpus_keeps_its_meaning(path: Path) -> None:
    text = path.read_bytes().decode()
    source = Source(path.name, text, "hcl", str(path.parent))
    after = canonical(source)
    assert words(after) == words(text)
    again = Source(path.name, after, "hcl", str(path.parent))
    assert canonical(again) == after
    assert meaning(again) == meaning(source)
