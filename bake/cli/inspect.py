"""`pybake inspect`."""

from __future__ import annotations

import sys
from typing import Any

import click

from bake.cli.builder_options import builder, shown, timeout
from bake.cli.options import flag


@click.command("inspect")
@click.argument("name", required=False, default="")
@flag("--bootstrap", help="Ensure builder has booted before inspecting")
@builder
@flag("-D", "--debug", help="Show which features the driver has, too")
@timeout
def command(**options: Any) -> int:
    """Inspect current builder instance.

    If no node can run steps for linux/amd64 or linux/arm64, standard error says so, and how to fix it.
    """
    from bake.api import builders
    from bake.api.machine import this_machine
    from bake.ui.builders import inspection, lacking, silence

    host = this_machine()
    name = options["name"] or options["builder"] or ""
    seconds = builders.timeout_of(options["timeout"])
    with shown() as emit:
        state = builders.inspect(host, name, seconds, emit if options["bootstrap"] else None)
    features = builders.features(state.builder.driver) if options["debug"] else {}
    sys.stdout.write(inspection(state, features))
    sys.stdout.flush()
    sys.stderr.write(silence(state) + lacking(builders.gaps(host, state)))
    return 0
