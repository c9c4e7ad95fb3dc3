"""Write the saved LALR tables that ship with the package: `python tools/grammar.py`.

Run it when the installed hcl2 or Lark has changed; a test says when.
"""

from __future__ import annotations

from pathlib import Path

from bake.syntax.grammar import TABLES, build, grammar_text, save


def main() -> None:
    grammar = grammar_text()
    Path(TABLES).write_bytes(save(build(grammar), grammar))


if __name__ == "__main__":
    main()
