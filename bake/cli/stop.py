"""`pybake stop`."""

from __future__ import annotations

from typing import Any

import click

from bake.cli.builder_options import SETTINGS, builder, debug, here


@click.command("stop", context_settings=SETTINGS)
@debug
@click.argument("name", required=False, default="")
@builder
def command(**options: Any) -> int:
    """Stop builder instance; its cache stays."""
    from bake.api import builders

    builders.stop(here(), options["name"] or options["builder"] or "")
    return 0
