"""`pybake __complete -- WORDS…`: what could stand for the last word, for the scripts of `completion`.

Each line is a candidate, with its explanation behind a tab; the line `:files` asks the shell for names of
files. Nothing is said about what fails: a file with faults has no targets to offer.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, TypeVar

import click

from bake.cli.commands import ALIASES, COMMANDS, FAMILIES
from bake.record import record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from bake.api.definition import Definition

T = TypeVar("T")

FILES = ":files"
HIDDEN = "__complete"

VALUES = {
    "--call": ("build", "check", "lint", "outline", "targets"),
    "--list": ("targets", "variables", "type=targets,format=json", "type=variables,format=json"),
    "--progress": ("auto", "json", "none", "plain", "quiet", "rawjson", "tty"),
    "--provenance": ("true", "false", "mode=min", "mode=max"),
    "--sbom": ("true", "false"),
    "--driver": ("docker-container", "kubernetes", "local", "remote"),
    "--format": ("json", "table"),
    "--execution": ("fail-fast", "defer-output", "defer-error"),
}
"""Options whose values are few and known, but for those that are choices for click too."""
FILE_METAVARS = frozenset({"FILE", "FILE|FOLDER", "PATH", "FOLDER", "CONFIG"})
WITH_TARGETS = frozenset({"bake", "check", "explain", "graph"})
WITH_BUILDERS = frozenset({"use", "rm", "inspect", "stop"})
WITH_FILES = frozenset({"fmt", "render", "build"})


@record
class Asked:
    """The words before the one that is completed, and what there is of it."""

    words: tuple[str, ...]
    current: str


def joined(words: Sequence[str]) -> Asked:
    """Words as bash splits them, `--builder`, `=`, `x`, as one."""
    whole: list[str] = []
    for word in words or ("",):
        glued = whole and (word == "=" or whole[-1].endswith("=")) and whole[-1].startswith("-")
        if glued:
            whole[-1] += word
        else:
            whole.append(word)
    return Asked(tuple(whole[:-1]), whole[-1])


@click.command(HIDDEN, context_settings={"ignore_unknown_options": True})
@click.argument("words", nargs=-1, type=click.UNPROCESSED)
def command(words: tuple[str, ...]) -> int:
    """Print the candidates for the last of WORDS."""
    for line in candidates(joined(words)):
        print(line)
    return 0


def candidates(asked: Asked) -> list[str]:
    """The lines to print, in order."""
    from bake.cli.arguments import dispatch

    name, rest = dispatch(asked.words, {*COMMANDS, *ALIASES, *FAMILIES})
    name = ALIASES.get(name, name)
    if name in FAMILIES:
        return _members(name, asked.current)
    return _of_command(name, rest, asked)


def _of_command(name: str, rest: Sequence[str], asked: Asked) -> list[str]:
    options = {option: param for param in _command(name).params for option in param.opts}
    given, equals, part = asked.current.partition("=")
    if asked.current.startswith("-") and not equals:
        return _matching(asked.current, _options(name))
    if equals and given in options:
        lines = _value(given, options[given], part, asked)
        return [line if line == FILES else f"{given}={line}" for line in lines]
    before = options.get(asked.words[-1]) if asked.words else None
    if isinstance(before, click.Option) and not before.is_flag:
        return _value(asked.words[-1], before, asked.current, asked)
    return _positional(name, rest, asked)


def _positional(name: str, rest: Sequence[str], asked: Asked) -> list[str]:
    found = [] if rest else _members(name, asked.current)
    if name == "bake" and not any(word in ("bake", *ALIASES) for word in asked.words) and not rest:
        rows = {key: row.summary for key, row in COMMANDS.items() if row.summary and " " not in key}
        found += _matching(asked.current, {**rows, **FAMILIES}.items())
    if name in WITH_TARGETS:
        found += _matching(asked.current, _targets(asked.words))
    found += _matching(asked.current, _choices(name))
    if name in WITH_BUILDERS:
        found += _matching(asked.current, _builders())
    return [*found, FILES] if name in WITH_FILES else found


def _members(name: str, current: str) -> list[str]:
    """The commands of one word more than `name`."""
    behind = {
        key.removeprefix(f"{name} "): row for key, row in COMMANDS.items() if key.startswith(f"{name} ")
    }
    return _matching(current, ((key, row.summary) for key, row in behind.items() if " " not in key))


def _command(name: str) -> click.Command:
    from importlib import import_module

    command: click.Command = import_module(COMMANDS[name].module).command
    return command


def _choices(name: str) -> Iterator[tuple[str, str]]:
    """The words that an argument may be, where they are few."""
    for param in _command(name).params:
        if isinstance(param, click.Argument) and isinstance(param.type, click.Choice):
            yield from ((choice, "") for choice in param.type.choices)


def _options(name: str) -> Iterator[tuple[str, str]]:
    for param in _command(name).params:
        if isinstance(param, click.Option) and not param.hidden:
            yield from ((option, param.help or "") for option in param.opts if option.startswith("--"))


def _value(option: str, param: click.Parameter, current: str, asked: Asked) -> list[str]:
    if option == "--builder":
        return _matching(current, _builders())
    if option == "--set":
        return _matching(current, _overrides(asked.words))
    if isinstance(param.type, click.Choice):
        return _matching(current, ((str(value), "") for value in param.type.choices))
    if option in VALUES:
        return _matching(current, ((value, "") for value in VALUES[option]))
    return [FILES] if param.metavar in FILE_METAVARS else []


def _matching(current: str, found: Iterable[tuple[str, str]]) -> list[str]:
    return [
        f"{value}\t{' '.join(about.split())}" if about else value
        for value, about in found
        if value.startswith(current)
    ]


def _targets(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    definition = _quietly(lambda: _definition(words))
    if definition is None:
        return
    for name, group in definition.groups.items():
        yield name, group.description or f"group of {', '.join(group.targets)}"
    for name, target in definition.targets.items():
        if name not in definition.groups:
            yield name, target.description or "target"


def _overrides(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    from bake.api.definition import attribute_names

    definition = _quietly(lambda: _definition(words))
    for name in ("*", *(definition.targets if definition else ())):
        yield from ((f"{name}.{attribute}=", "") for attribute in attribute_names())


def _builders() -> list[tuple[str, str]]:
    def found() -> list[tuple[str, str]]:
        from bake.api.builders import known
        from bake.api.machine import this_machine

        return [(one.name, f"{one.driver} builder") for one in known(this_machine())]

    return _quietly(found) or []


def _definition(words: Sequence[str]) -> Definition:
    from bake.api import definition as stages
    from bake.api.machine import this_machine

    host = this_machine()
    files = stages.Files(tuple(_files(words)))
    return stages.load(stages.sources(files, host, lambda: b""), host)


def _files(words: Sequence[str]) -> Iterator[str]:
    """What `-f` names among the words before."""
    for word, following in pairwise((*words, "")):
        name, equals, value = word.partition("=")
        if name in ("-f", "--file") and (equals or following):
            yield value if equals else following


def _quietly(work: Callable[[], T]) -> T | None:
    from bake.errors import BakeError

    try:
        return work()
    except (BakeError, ExceptionGroup, OSError):
        return None
