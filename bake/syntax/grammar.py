"""The LALR parser of the hcl2 package's grammar, from saved tables when they fit.

The package's own grammar knows newlines and trimming marks; here they are the post-lexer's business, so
they are struck from it, which makes its tables a quarter as large and free of the conflicts between an
item's end and a continued line. The tables ship with the package (`tables.bin`, a Lark save file written
by `tools/grammar.py`) and are used when the installed hcl2 and Lark are those they were made from; else
they are built anew, a tenth of a second more. The lexer is ours: Lark is handed ready terminals.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.util import find_spec
from io import BytesIO
from os.path import dirname, join
from typing import TYPE_CHECKING, Any
from zlib import crc32

import lark
from lark import Lark
from lark.lexer import Lexer

if TYPE_CHECKING:
    from collections.abc import Iterator

TABLES = join(dirname(__file__), "tables.bin")
_STRUCK = re.compile(r"(new_line_or_comment|STRIP_MARKER)\?")


class Handed(Lexer):
    """Lark's lexer interface over terminals that are ready: its text is their iterator."""

    __future_interface__ = 2

    def __init__(self, lexer_conf: Any) -> None:
        pass

    def lex(self, lexer_state: Any, parser_state: Any) -> Iterator[Any]:  # noqa: ARG002
        return iter(lexer_state.text)


def grammar_text() -> str:
    """The installed hcl2 package's grammar without newlines; the package itself is not imported."""
    spec = find_spec("hcl2")
    assert spec is not None
    assert spec.submodule_search_locations
    with open(join(spec.submodule_search_locations[0], "hcl2.lark"), encoding="utf-8") as file:
        return _STRUCK.sub("", file.read())


def build(grammar: str) -> Lark:
    """A parser from the grammar's text."""
    from bake.syntax.build import Builder

    return Lark(
        grammar,
        parser="lalr",
        lexer=Handed,
        start=["start", "expression"],
        transformer=Builder(),
        maybe_placeholders=False,
        propagate_positions=False,
    )


def stamp(grammar: str) -> bytes:
    """What tables are made from: they fit while this is the same."""
    return f"lark {lark.__version__}, grammar {crc32(grammar.encode()):08x}\n".encode()


def save(parser: Lark, grammar: str) -> bytes:
    """The content of the tables file: a line that says what it was made from, then Lark's save."""
    saved = BytesIO()
    parser.save(saved)
    return stamp(grammar) + saved.getvalue()


@cache
def parser(tables: str = TABLES) -> Lark:
    """The parser, loaded from the file `tables`, or built when that does not fit or is missing."""
    grammar = grammar_text()
    try:
        with open(tables, "rb") as file:
            if file.readline() == stamp(grammar):
                return Lark.load(file)
    except OSError:
        pass
    return build(grammar)
