from __future__ import annotations

from typing import TYPE_CHECKING

import lark

from bake.syntax.grammar import TABLES, build, grammar_text, parser, save, stamp

if TYPE_CHECKING:
    from pathlib import Path


def test_the_tables_that_ship_fit_the_installed_packages() -> None:
    """Run `python tools/grammar.py` when this fails."""
    with open(TABLES, "rb") as file:
        assert file.readline() == stamp(grammar_text())


def test_the_grammar_needs_no_newlines() -> None:
    terminals = {terminal.name for terminal in build(grammar_text()).terminals}
    assert "NL_OR_COMMENT" not in terminals
    assert "HEREDOC_TEMPLATE" in terminals


def test_tables_of_another_version_or_none_are_built_anew(tmp_path: Path) -> None:
    other = tmp_path / "tables.bin"
    other.write_bytes(b"lark 0.0, grammar 00000000\nnot read")
    assert isinstance(parser(str(other)), lark.Lark)
    assert isinstance(parser(str(tmp_path / "missing")), lark.Lark)


def test_saved_tables_are_loaded(tmp_path: Path) -> None:
    grammar = grammar_text()
    tables = tmp_path / "tables.bin"
    tables.write_bytes(save(build(grammar), grammar))
    assert parser(str(tables)).source_path == "<deserialized>"
