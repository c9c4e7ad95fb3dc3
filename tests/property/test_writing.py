"""A target written as HCL is read back as it was."""

from __future__ import annotations

import unicodedata

from hypothesis import given, settings
from hypothesis import strategies as st

from bake.api.definition import Definition, load
from bake.host import Host
from bake.model.writing import hcl
from bake.source import Source

MARKS = st.sampled_from(["${", "%{", '"', "\\", "\n", "<<E\n", "#", "é", "\u2028", "𝒳", "\x00", "\x7f"])
TEXTS = st.lists(MARKS | st.text("ab $%{}", max_size=3), max_size=6).map(
    lambda parts: unicodedata.normalize("NFC", "".join(parts))
)
NAMES = st.text("abc_-1", min_size=1, max_size=5)


def loaded(text: str) -> Definition:
    return load([Source("docker-bake.hcl", text, "hcl")], Host())


@given(NAMES, TEXTS, st.dictionaries(TEXTS.filter(bool), TEXTS, max_size=4), st.lists(TEXTS.filter(bool)))
@settings(max_examples=50)
def test_what_is_written_is_read_back(
    name: str, description: str, labels: dict[str, str], filters: list[str]
) -> None:
    target = {"description": description, "labels": labels, "no-cache-filter": filters}
    found = loaded(hcl({"target": {name: target}})).targets[name]
    assert (found.description or "") == description
    assert dict(found.labels or {}) == labels
    assert list(found.no_cache_filter or ()) == filters
