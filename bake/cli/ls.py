"""`pybake ls`."""

from __future__ import annotations

import sys
from typing import Any

import click

from bake.cli.builder_options import everywhere, timeout
from bake.cli.options import flag


@click.command("ls")
@everywhere
@click.option(
    "--format", "form", default="table", metavar="FORMAT", help="Format the output [default: table]"
)
@flag("--no-trunc", help="Don't truncate output")
@timeout
def command(**options: Any) -> int:
    """List builder instances.

    FORMAT is table, json, or a Go template of .Name .DriverEndpoint .LastActivity .Status .Buildkit
    .Platforms .Error .Builder; `table TEMPLATE` sets its columns under headings.
    """
    from bake.api import builders
    from bake.api.machine import this_machine
    from bake.ui.builders import complaints, listing

    states = builders.states(this_machine(), builders.timeout_of(options["timeout"]))
    form = options["form"]
    sys.stdout.write(listing(states, form, truncate=not options["no_trunc"]))
    sys.stdout.flush()
    if form.startswith("table"):
        sys.stderr.write(complaints(states))
    return 0
