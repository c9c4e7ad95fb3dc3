"""Writes the generated pages of `docs/` anew; `--check` only says whether they are fresh."""

from __future__ import annotations

import sys
from itertools import groupby
from pathlib import Path

from bake.environment import VARIABLES

FOLDER = Path(__file__).resolve().parents[1] / "docs"


def environment_page() -> str:
    """docs/environment.md, made from the table of variables."""
    lines = [
        "# Environment",
        "",
        "Made from `bake/environment.py` by `make docs`. Variables of the bake file itself are read from the",
        "environment under their own names. Booleans are Go's: `1`, `t`, `true`, `0`, `f`, `false`, …",
    ]
    for topic, rows in groupby(VARIABLES, key=lambda row: row.topic):
        lines += ["", f"## {topic}", "", "| variable | meaning |", "|---|---|"]
        lines += [f"| `{row.name}` | {row.meaning}{'' if row.buildx else ' (pybake only)'} |" for row in rows]
    return "\n".join(lines) + "\n"


PAGES = {"environment.md": environment_page}
"""File → what writes it."""


def main(arguments: list[str]) -> int:
    stale = [name for name, page in PAGES.items() if _text(name) != page()]
    if "--check" not in arguments:
        for name in stale:
            (FOLDER / name).write_text(PAGES[name]())
        return 0
    print("\n".join(f"docs/{name} is not fresh: run `make docs`" for name in stale), file=sys.stderr)
    return int(bool(stale))


def _text(name: str) -> str:
    path = FOLDER / name
    return path.read_text() if path.is_file() else ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
