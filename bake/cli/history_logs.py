"""`pybake history logs`."""

from __future__ import annotations

import sys
import time
from typing import Any

import click

from bake.cli.builder_options import builder, debug


@click.command("logs")
@builder
@debug
@click.argument("ref", default="", metavar="[REF]")
@click.option(
    "--progress",
    default="plain",
    metavar="MODE",
    help="Set type of progress output (plain, rawjson, tty, json) [default: plain]",
)
def command(**options: Any) -> int:
    """Print the logs of a build record, on standard error as the build itself did.

    REF is a build's id, or `^N` for the N-th build before the last one; the default is the last one.
    """
    from bake.api import building, history
    from bake.api.machine import this_machine
    from bake.errors import UsageError
    from bake.progress import Event
    from bake.ui.display import MODES, Pump, make_display

    mode = "plain" if options["progress"] == "auto" else options["progress"]
    if mode not in MODES:
        raise UsageError(f"invalid progress mode {mode}", detail=f"expected one of {', '.join(MODES)}")
    host = this_machine()
    with building.connected(host, options["builder"] or "") as connection:
        build = history.find(connection, options["ref"])
        with Pump(make_display(mode, sys.stderr, time.time, "", host.environment)) as emit:
            for status in history.logs(build):
                emit(Event(status, "", build.node))
    return 0
