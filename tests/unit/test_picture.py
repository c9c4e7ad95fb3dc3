"""The picture of the README stands alone, and shows what its caption says."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

from tools.picture import SESSION

SVG = (Path(__file__).parents[2] / "docs/terminal.svg").read_text()
WORDS = "".join(ElementTree.fromstring(SVG).itertext()).replace("\xa0", " ")


def test_it_shows_what_was_typed_and_built() -> None:
    assert all(f"$ {line}" in WORDS for line in SESSION)
    assert "4 targets: 4 built" in WORDS
    assert all(name in WORDS for name in ("base", "api", "web", "site"))


def test_it_needs_nothing_from_elsewhere() -> None:
    assert re.findall(r"(?:href|src|url)\W+https?:", SVG) == []
