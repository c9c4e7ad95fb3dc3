"""`pybake dial-stdio`: the builder's BuildKit on our own standard streams, for ssh and other tools."""

from __future__ import annotations

import os
import sys
from typing import Any

import click

from bake.cli.builder_options import builder, debug, shown
from bake.errors import UsageError


@click.command("dial-stdio")
@debug
@builder
@click.option(
    "--platform",
    default=lambda: os.environ.get("DOCKER_DEFAULT_PLATFORM", ""),
    metavar="PLATFORM",
    help="Target platform: this is used for node selection",
)
@click.option(
    "--progress",
    default="none",
    metavar="MODE",
    help="Progress output of starting it (auto, none, plain, quiet, rawjson, tty) [default: none]",
)
def command(**options: Any) -> int:
    """Proxy current stdio streams to builder instance."""
    from bake.api import builders
    from bake.api.machine import this_machine
    from bake.ui.display import MODES

    if options["progress"] not in MODES:
        raise UsageError(
            f"invalid progress mode {options['progress']}", detail=f"expected {', '.join(MODES)}"
        )
    with shown(options["progress"]) as emit:
        pipe = builders.dialled(this_machine(), options["builder"] or "", options["platform"], emit)
    builders.proxy(pipe, sys.stdin.fileno(), sys.stdout.fileno())
    return 0
