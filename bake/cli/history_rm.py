"""`pybake history rm`."""

from __future__ import annotations

from typing import Any

import click

from bake.cli.builder_options import builder, debug
from bake.cli.options import flag


@click.command("rm")
@builder
@debug
@click.argument("refs", nargs=-1, metavar="[REF...]")
@flag("--all", "everything", help="Remove all build records")
def command(**options: Any) -> int:
    """Remove build records."""
    from bake.api import building, history
    from bake.api.machine import this_machine
    from bake.errors import UsageError

    if not options["refs"] and not options["everything"]:
        raise UsageError("rm requires at least one argument", hint="--all removes all build records")
    if options["refs"] and options["everything"]:
        raise UsageError("rm requires either --all or at least one argument")
    with building.connected(this_machine(), options["builder"] or "") as connection:
        if options["everything"]:
            history.remove_all(connection)
        else:
            history.remove(connection, options["refs"])
    return 0
