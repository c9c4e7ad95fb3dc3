"""`pybake version`."""

from __future__ import annotations

import click

from bake import __version__


@click.command("version")
def command() -> int:
    """Show version information."""
    print(f"pybake {__version__}")
    return 0
