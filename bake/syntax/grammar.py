"""The LALR parser of the hcl2 package's grammar, from its saved tables when they fit.

Building the tables takes seconds, loading them a tenth of one: they ship with the package
(`tables.bin`, written by `tools/grammar.py`, a Lark save file) and are used when the installed hcl2's
grammar and Lark are those they were made from; else they are built anew. The lexer is ours: Lark is
handed the terminals of `bake.syntax.terminals`.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from lark import Lark
from lark.lexer import Lexer

if TYPE_CHECKING:
    from collections.abc import Iterator


class Handed(Lexer):
    """Lark's lexer interface over terminals that are ready: its text is their iterator."""

    __future_interface__ = 2

    def __init__(self, lexer_conf: Any) -> None:
        pass

    def lex(self, lexer_state: Any, parser_state: Any) -> Iterator[Any]:  # noqa: ARG002
        return iter(lexer_state.text)


def grammar_text() -> str:
    """The grammar as the installed hcl2 package has it; the package itself is not imported."""
    from importlib.util import find_spec
    from os.path import join

    spec = find_spec("hcl2")
    assert spec is not None
    assert spec.submodule_search_locations
    with open(join(spec.submodule_search_locations[0], "hcl2.lark"), encoding="utf-8") as file:
        return file.read()


def build() -> Lark:
    """A parser from the grammar's text."""
    from bake.syntax.build import Builder

    return Lark(
        grammar_text(),
        parser="lalr",
        lexer=Handed,
        start=["start", "expression"],
        transformer=Builder(),
        maybe_placeholders=False,
        propagate_positions=False,
    )


@cache
def parser() -> Lark:
    return build()
