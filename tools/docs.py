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
        "Made from `bake/environment.py` by `make docs`. Variables of the bake file itself are read from the",
        "environment under their own names. Booleans are Go's: `1`, `t`, `true`, `0`, `f`, `false`, …",
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
one of their own. A build that fails is told in the same form, at the line of its Dockerfile.

## Codes
"""


def diagnostics_page() -> str:
    """docs/diagnostics.md, made from the table of codes."""
    rules = (f"### {rule.code}\n\n{rule.title}. {rule.explanation}\n" for rule in RULES.values())
    return "\n".join((_DIAGNOSTICS, *rules))


_COMMANDS = """# Commands

Made from the commands themselves by `make docs`. `pybake` alone and `pybake TARGET…` mean `pybake bake …`; a
command's name wins over a target's. Words are buildx's, so `docker buildx` can be replaced by `pybake` in a
script; what pybake has beyond them is described in the [other pages](README.md). `…` behind an option's value
says that it may be given several times. Every flag may be given as `--flag=false`, too.

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

Made from the table of fields (`bake/model/fields.py`) by `make docs`. What they do to a build is described by
[buildx's reference](https://docs.docker.com/build/bake/reference/); the values that objects take are those of
`docker buildx build`. `--set` names are the keys of `--set TARGET.KEY=VALUE`; with `+=` a value is added to
what is there.

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

Made from the functions themselves and `tools/functions.toml` by `make docs`. They are buildx's; each example
is evaluated by the tests, and its value is what buildx printed (of `semvercmp` and `unixtimestampparse`: what
its sources say). A file may define functions of its own with `function` blocks; one with a name of this page
is ignored, with a warning.
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
    return f"\n## {topic}\n\n| function | gives | example | is |\n|---|---|---|---|\n{lines}"


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
