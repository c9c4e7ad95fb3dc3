"""`pybake use`."""

from __future__ import annotations

from typing import Any

import click

from bake.cli.builder_options import builder, debug
from bake.cli.options import flag


@click.command("use")
@debug
@click.argument("name", required=False, default="")
@builder
@flag("--default", help="Set builder as default for current context")
@flag("--global", "everywhere", help="Builder persists context changes")
def command(**options: Any) -> int:
    """Set the current builder instance.

    NAME is a builder; the name of the current docker context goes back to that context's engine.
    """
    from bake.api import builders
    from bake.api.machine import this_machine

    host = this_machine()
    builders.use(
        host,
        builders.given_name(host, options["name"] or options["builder"]),
        everywhere=bool(options["everywhere"]),
        default=bool(options["default"]),
    )
    return 0
