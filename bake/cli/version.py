"""`pybake version`."""

from __future__ import annotations

import click

from bake import __version__
from bake.cli.builder_options import everywhere


@click.command("version")
@everywhere
def command() -> int:
    """Show version information."""
    print(f"pybake {__version__}")
    return 0
