"""Writes the generated pages of `docs/` anew; `--check` only says whether they are fresh."""

from __future__ import annotations

import sys
import tomllib
from importlib import import_module
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bake.cli.commands import ALIASES, COMMANDS
from bake.cli.options import SETTINGS
from bake.codes import RULES
from bake.environment import VARIABLES
from bake.evaluate import functions
from bake.model.fields import FIELDS

if TYPE_CHECKING:
    from collections.abc import Mapping

FOLDER = Path(__file__).resolve().parents[1] / "docs"


def environment_page() -> str:
    """docs/environment.md, made from the table of variables."""
    lines = [
        "# Environment",
        "",
        "Made from `bake/environment.py` by `make docs`. The bake file's own variables are read from the",
        "environment by their names. Booleans are Go's: `1`, `t`, `true`, `0`, `f`, `false`, …",
    ]
    for topic, rows in groupby(VARIABLES, key=lambda row: row.topic):
        lines += ["", f"## {topic}", "", "| variable | meaning |", "|---|---|"]
        lines += [f"| `{row.name}` | {row.meaning}{'' if row.buildx else ' (pybake only)'} |" for row in rows]
    return "\n".join(lines) + "\n"


_DIAGNOSTICS = """# Diagnostics

Made from `bake/codes.py` by `make docs`.

<!-- not run: there is no project on this page; tests/errors runs checks -->
```console
$ pybake check              # all targets of the files in this folder
$ pybake check -f FILE app  # the target `app` and what it needs
```

`pybake check` looks at a definition without building, and without an engine. It takes `pybake bake`'s `-f`,
`--var`, `--set`, `--data`, `--define` and `--strict`. It exits with 1 if there are errors, with 0 if there
are none, or only warnings. An error is something that `pybake bake` or BuildKit would refuse; a warning is
something that is built, but probably not as it was meant. With `--strict` warnings are errors.

`pybake bake` reports the same about what it reads: errors, unknown attributes, unused variables and cycles
of `inherits`. Checks that look at all targets, or at Dockerfiles, are made by `check` alone.

## Formats

`--diagnostics` chooses how both commands report what they find. `check` writes to standard output, `bake` to
standard error, for its standard output is for results.

| format | what it is |
|---|---|
| `text` | for people: the lines, the error with `file:line,column-column`, its code, the next step |
| `json` | one document, described by [schemas/diagnostics.schema.json](../schemas/diagnostics.schema.json) |
| `github` | workflow commands, which GitHub shows beside the lines of a change |
| `sarif` | SARIF 2.1.0, for code scanning |

`check` always writes a document; `bake` only if there is something to report, errors and warnings in one
document each. A failed build is reported in the same format, at the line of its Dockerfile.

## Codes
"""


def diagnostics_page() -> str:
    """docs/diagnostics.md, made from the table of codes."""
    rules = (f"### {rule.code}\n\n{rule.title}. {rule.explanation}\n" for rule in RULES.values())
    return "\n".join((_DIAGNOSTICS, *rules))


_COMMANDS = """# Commands

Made from the commands themselves by `make docs`. `pybake` alone and `pybake TARGET…` mean `pybake bake …`; a
command's name wins over a target's. Commands and options are buildx's, so `pybake` can replace `docker
buildx` in a script; what pybake adds is described in the [other pages](README.md). `…` after an option's
value means that the option may be repeated. Every flag may also be given as `--flag=false`.

| command | does |
|---|---|
"""


def commands_page() -> str:
    """docs/commands.md, made from the table of commands and their options."""
    rows = {name: row for name, row in sorted(COMMANDS.items()) if row.summary}
    table = "".join(
        f"| [`pybake {name}`](#pybake-{name.replace(' ', '-')}) | {row.summary} |\n"
        for name, row in rows.items()
    )
    return f"{_COMMANDS}{table}" + "".join(_command(name, row.module) for name, row in rows.items())


def _command(name: str, module: str) -> str:
    command: click.Command = import_module(module).command
    sizes: Any = {"max_content_width": 100, "terminal_width": 100}
    context = click.Context(command, info_name=f"pybake {name}", **SETTINGS, **sizes)
    also = [alias for alias, meant in ALIASES.items() if meant == name]
    short = f"\nShort: `pybake {also[0]}`.\n" if also else ""
    return f"\n## pybake {name}\n{short}\n```text\n{command.get_help(context)}\n```\n"


_FIELDS = """# Attributes of a target

Made from the table of fields (`bake/model/fields.py`) by `make docs`. [buildx's
reference](https://docs.docker.com/build/bake/reference/) describes what they do to a build; objects take the
values of `docker buildx build`. The names under `--set` are the keys of `--set TARGET.KEY=VALUE`; `+=` adds a
value to the existing ones.

| attribute | type | `--set` | what it is |
|---|---|---|---|
"""


def fields_page() -> str:
    """docs/attributes.md, made from the table of fields."""
    rows = "".join(
        f"| `{row.name}` | {_type(row.kind.json_schema)} | {', '.join(f'`{key}`' for key in row.set) or '–'} "
        f"| {row.description.replace('|', chr(92) + '|')} |\n"
        for row in FIELDS.values()
    )
    return _FIELDS + rows


def _type(schema: Mapping[str, Any]) -> str:
    """A JSON Schema in a word or two."""
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(_type(one) for one in schema["anyOf"]))
    kind = schema.get("type", "any")
    if isinstance(kind, list):
        return " or ".join(kind)
    if kind == "array":
        return f"list of {_type(schema.get('items', {}))}"
    return "map" if kind == "object" and "additionalProperties" in schema else str(kind)


_FUNCTIONS = """# Functions

Made from the functions themselves and `tools/functions.toml` by `make docs`. They are buildx's; the tests
evaluate each example, and its value is what buildx printed (for `semvercmp` and `unixtimestampparse`, what
its source says). A file may define functions of its own with `function` blocks; one with a name from this
page is ignored, with a warning.
"""


def functions_page() -> str:
    """docs/functions.md, made from the built-in functions and what `functions.toml` says of them."""
    topics = tomllib.loads((Path(__file__).parent / "functions.toml").read_text())
    return _FUNCTIONS + "".join(_topic(topic, rows) for topic, rows in topics.items())


def _topic(topic: str, rows: Mapping[str, Mapping[str, str]]) -> str:
    lines = "".join(
        _cells(f"`{_signature(name)}`", row["sentence"], f"`{row['example']}`", f"`{row['value']}`")
        for name, row in sorted(rows.items())
    )
    return f"\n## {topic}\n\n| function | result | example | value |\n|---|---|---|---|\n{lines}"


def _cells(*texts: str) -> str:
    return f"| {' | '.join(text.replace('|', chr(92) + '|') for text in texts)} |\n"


def _signature(name: str) -> str:
    function = functions.find(name)
    assert function is not None
    words = [one.name for one in function.parameters]
    return f"{name}({', '.join([*words, *([f'{function.rest.name}…'] if function.rest else [])])})"


PAGES = {
    "attributes.md": fields_page,
    "commands.md": commands_page,
    "diagnostics.md": diagnostics_page,
    "environment.md": environment_page,
    "functions.md": functions_page,
}
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
