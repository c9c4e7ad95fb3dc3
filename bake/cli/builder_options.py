"""What the commands about builders have in common: their options, and how starting one is shown."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from bake.cli.options import flag, group

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bake.progress import Emit, Event
    from bake.ui.display import Pump


builder = click.option("--builder", metavar="NAME", help="Override the configured builder instance")
debug = flag("-D", "--debug", help="Enable debug logging", hidden=True, expose_value=False)
"""Where it changes nothing, as buildx takes it with every command."""
everywhere = group(click.option("--builder", metavar="NAME", hidden=True, expose_value=False), debug)
"""Both, where they change nothing."""
timeout = click.option(
    "--timeout",
    default="20s",
    metavar="DURATION",
    help="Override the default timeout for loading builder status [default: 20s]",
)
"""A Go duration."""


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
