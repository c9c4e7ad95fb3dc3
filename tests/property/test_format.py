"""Formatting changes blanks alone, and does so once: over texts whose blanks were shaken."""

from __future__ import annotations

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from bake.errors import BakeError
from bake.source import Source
from bake.syntax import parse
from bake.syntax.format import canonical
from bake.syntax.scan import scan
from tests.conformance.programs import program

BLANKS = (" ", "   ", "\t", " /* c */ ")
GLUE = frozenset({"STRING_CHARS", "OPEN_HEREDOC", "CLOSE_HEREDOC", "CLOSE_QUOTE", "EOF"})
"""Kinds that no blank may be put before."""


def words(text: str) -> list[tuple[str, str]]:
    """The tokens, but for newlines at both ends and blanks at the end of comments."""
    found = [(kind, text[start:end]) for kind, start, end in scan(text)]
    plain = [(kind, content.rstrip() if kind == "COMMENT" else content) for kind, content in found]
    while plain and plain[0][0] == "NEWLINE":
        del plain[0]
    while len(plain) > 1 and plain[-2][0] == "NEWLINE":
        del plain[-2]
    return plain


def shaken(seed: int) -> list[str]:
    """The HCL of a program of the generator's, with other blanks between its tokens, and comments."""
    random = Random(seed)
    files = program(seed).files
    texts = [text for name, text in files.items() if name.endswith(".hcl") and _is_sound(text)]
    return [_shaken(text, random) for text in texts]


def _is_sound(text: str) -> bool:
    try:
        parse(Source("bake.hcl", text, "hcl"))
    except (BakeError, ExceptionGroup):
        return False
    return True


def _shaken(text: str, random: Random) -> str:
    pieces, last, open_template = [], 0, False
    for kind, start, end in scan(text):
        between = text[last:start]
        if between and kind not in GLUE and not open_template:
            between = random.choice(BLANKS)
        pieces += [between, text[start:end]]
        last, open_template = end, kind in ("OPEN_QUOTE", "STRING_CHARS", "SEQ_END", "OPEN_HEREDOC")
    return "".join(pieces)


@given(st.integers(0, 5000))
@settings(max_examples=100)
def test_only_blanks_change_and_only_once(seed: int) -> None:
    for text in shaken(seed):
        after = canonical(Source("bake.hcl", text, "hcl"))
        assert words(after) == words(text)
        assert canonical(Source("bake.hcl", after, "hcl")) == after
