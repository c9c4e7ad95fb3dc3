"""`pybake doctor`."""

from __future__ import annotations

import sys

import click

from bake.cli.builder_options import builder


@click.command("doctor")
@builder
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    metavar="FORMAT",
    help="Format the output (text, json) [default: text]",
)
def command(builder: str | None, form: str) -> int:
    """Look for problems with the engine, the builder, emulation, credentials, disk and versions.

    Exits with 1 if something keeps builds from working. Nothing is changed.
    """
    from bake.api import doctor
    from bake.api.machine import this_machine
    from bake.ui.doctor import as_json, text

    findings = doctor.examine(this_machine(), builder or "")
    sys.stdout.write(as_json(findings) if form == "json" else text(findings))
    return int(doctor.worst(findings) == doctor.ERROR)
