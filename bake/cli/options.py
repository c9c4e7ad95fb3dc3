"""Options as docker's users type them, on click."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from bake.cli.arguments import expand_booleans, negative_name
from bake.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bake.host import Host


SETTINGS: dict[str, Any] = {"help_option_names": ["-h", "--help"]}
"""What the context of every command is made with."""


class Flag(click.Option):
    """A boolean that may be given as `--name`, `--name=true` or `--name=false`; None when it is not."""

    def __init__(self, names: Sequence[str], **settings: Any) -> None:
        long = next(name for name in names if name.startswith("--"))
        others = [name for name in names if name != long]
        super().__init__(
            [*others, f"{long}/{negative_name(long)}"], **{"default": None, "is_flag": True, **settings}
        )

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        record = super().get_help_record(ctx)
        if record is None:
            return None
        return ", ".join(sorted(self.opts, key=len)), record[1]


def flag(*names: str, help: str, **settings: Any) -> Callable[[Any], Any]:  # noqa: A002 - click's word
    """A Go-style boolean option; names short first."""
    return click.option(*names, cls=Flag, help=help, **settings)


class Many(click.Option):
    """An option that may be repeated, which its help shows by `…`."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        record = super().get_help_record(ctx)
        return record and (f"{record[0]}…", record[1])


def many(*names: str, help: str, metavar: str, **settings: Any) -> Callable[[Any], Any]:  # noqa: A002
    """An option that may be repeated; each value is one word, commas and all."""
    return click.option(*names, cls=Many, multiple=True, help=help, metavar=metavar, **settings)


def group(*options: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Several options as one, which help shows in their order."""

    def add(command: Any) -> Any:
        for option in reversed(options):
            command = option(command)
        return command

    return add


def diagnostics_option(command: Any) -> Any:
    """`--diagnostics`, whose values are `bake.ui.diagnostics.FORMATS`."""
    forms = ("text", "json", "github", "sarif")
    return click.option(
        "--diagnostics",
        type=click.Choice(forms),
        default="text",
        metavar="FORM",
        help=f"How errors in the definition are reported ({', '.join(forms)}) [default: text]",
    )(command)


def prepare(command: click.Command, words: Sequence[str]) -> list[str]:
    """`words` with Go's spellings made click's: `--flag=false`, `-f=FILE`.

    Of `--check` and `--call` the last counts, as there: the one is read as a spelling of the other.
    """
    flags = frozenset(name for option in command.params if isinstance(option, Flag) for name in option.opts)
    expanded = expand_booleans(words, flags)
    if {"call", "check"} <= {option.name for option in command.params}:
        expanded = ["--call=check" if word == "--check" else word for word in expanded]
    return [_short_equals(word) for word in expanded]


def _short_equals(word: str) -> str:
    """pflag drops the `=` of `-f=FILE`, and takes that of `-f=` for the value."""
    if len(word) > 3 and word[0] == "-" and word[1] != "-" and word[2] == "=":
        return word[:2] + word[3:]
    return word


def progress_mode(asked: str | None, host: Host) -> str:
    """The display's name: `--progress`; for `auto`, or none, BUILDKIT_PROGRESS. Raises UsageError."""
    from bake.ui.display import MODES

    mode = asked or "auto"
    if mode == "auto":
        mode = host.environment.get("BUILDKIT_PROGRESS") or mode
    if mode not in MODES:
        raise UsageError(f"invalid progress mode {mode}", detail=f"expected one of {', '.join(MODES)}")
    return mode
