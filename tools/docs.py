"""Writes the generated pages of `docs/` anew; `--check` only says whether they are fresh."""

from __future__ import annotations

import sys
from itertools import groupby
from pathlib import Path

from bake.codes import RULES
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


_DIAGNOSTICS = """# Diagnostics

Made from `bake/codes.py` by `make docs`.

    pybake check              # all targets of the files in this folder
    pybake check -f FILE app  # the target `app` and what it needs

`pybake check` looks at a definition without building, and without an engine. It takes `pybake bake`'s `-f`,
`--var`, `--set`, `--data`, `--define` and `--strict`. It exits with 1 if there are errors, with 0 if there
are none, or warnings only. An error is what `pybake bake` would refuse, or BuildKit; a warning is what is
built, but probably not as it was meant. With `--strict` warnings are errors.

`pybake bake` says the same of what it reads: errors, unknown attributes, unused variables and circles of
`inherits`. What takes a look at all targets, or at Dockerfiles, is said by `check` alone.

## Forms

`--diagnostics` says how faults are told, by both commands. `check` writes them to standard output, `bake` to
standard error, where nothing else of its results goes.

| form | what it is |
|---|---|
| `text` | for people: the lines meant, the fault with `file:line,column-column`, its code, the next step |
| `json` | one document, described by [schemas/diagnostics.schema.json](../schemas/diagnostics.schema.json) |
| `github` | workflow commands, shown by GitHub beside the lines of a change |
| `sarif` | SARIF 2.1.0, for code scanning |

`check` writes a document in any case; `bake` only if there is something to say, errors and warnings each in
one of their own. A build that fails is told in the same form.

## Codes
"""


def diagnostics_page() -> str:
    """docs/diagnostics.md, made from the table of codes."""
    rules = (f"### {rule.code}\n\n{rule.title}. {rule.explanation}\n" for rule in RULES.values())
    return "\n".join((_DIAGNOSTICS, *rules))


PAGES = {"diagnostics.md": diagnostics_page, "environment.md": environment_page}
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
