"""What the commands about builders have in common: their options, and how starting one is shown."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from bake.cli.options import flag

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bake.host import Host
    from bake.progress import Emit, Event
    from bake.ui.display import Pump

SETTINGS = {"help_option_names": ["-h", "--help"]}


def builder(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--builder`, which every command has that works on one."""
    named = click.option("--builder", metavar="NAME", help="Override the configured builder instance")
    return named(function)


def everywhere(function: Callable[..., Any]) -> Callable[..., Any]:
    """The options that buildx takes with every command, where they change nothing: `--builder`, `-D`."""
    unused: dict[str, Any] = {"hidden": True, "expose_value": False}
    named = click.option("--builder", metavar="NAME", **unused)
    return named(debug(function))


def debug(function: Callable[..., Any]) -> Callable[..., Any]:
    """`-D`, where it changes nothing."""
    unused = flag("-D", "--debug", help="Enable debug logging", hidden=True, expose_value=False)
    made: Callable[..., Any] = unused(function)
    return made


def timeout(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--timeout`, a Go duration."""
    return click.option(
        "--timeout",
        default="20s",
        metavar="DURATION",
        help="Override the default timeout for loading builder status [default: 20s]",
    )(function)


def here() -> Host:
    """This machine."""
    import os

    from bake.api.machine import this_machine

    return this_machine(os.environ)


@contextmanager
def shown(mode: str = "auto") -> Iterator[Emit]:
    """What takes the events of a start; nothing is drawn before there is one."""
    pumps: list[Pump] = []

    def emit(event: Event) -> None:
        if not pumps:
            pumps.append(_pump(mode))
        pumps[0](event)

    try:
        yield emit
    finally:
        for pump in pumps:
            pump.__exit__()


def _pump(mode: str) -> Pump:
    from bake.ui.display import Pump, make_display

    return Pump(make_display(mode, sys.stderr, time.time)).__enter__()


def confirmed(question: str) -> bool:
    """Whether a person says `y` to the question, which stands on standard output as in buildx."""
    sys.stdout.write(f"{question} [y/N] ")
    sys.stdout.flush()
    return sys.stdin.readline().strip().lower() == "y"
