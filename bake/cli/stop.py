"""`pybake stop`."""

from __future__ import annotations

from typing import Any

import click

from bake.cli.builder_options import builder, debug


@click.command("stop")
@debug
@click.argument("name", required=False, default="")
@builder
def command(**options: Any) -> int:
    """Stop builder instance; its cache stays."""
    from bake.api import builders
    from bake.api.machine import this_machine

    builders.stop(this_machine(), options["name"] or options["builder"] or "")
    return 0
