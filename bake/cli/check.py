"""`pybake check`: all that can be said about a bake file without building."""

from __future__ import annotations

import sys
from typing import Any

import click

from bake.cli.builder_options import builder
from bake.cli.definition_options import TARGETS, data, define, files, overrides, variables
from bake.cli.options import diagnostics_option, flag


@click.command("check")
@click.argument("targets", nargs=-1, metavar=TARGETS)
@builder
@data
@define
@diagnostics_option
@files
@overrides
@flag("--strict", help="Warnings are errors")
@variables
def command(**options: Any) -> int:
    """Check bake files without building.

    Looks at all targets, or at each TARGET and what it needs, for names that do not exist, cycles, stages
    and arguments that a Dockerfile does not have, caches exported twice, variables and attributes that
    nothing uses, and whatever would keep a target from being built. An engine is only needed to fetch a
    remote definition. Exits with 1 if there are errors.
    """
    from bake.api import checking, loading, remote
    from bake.api import definition as stages
    from bake.api.machine import read_stdin, this_machine
    from bake.diagnostic import has_errors
    from bake.errors import ExitCode
    from bake.ui.diagnostics import FORMATS, TEXT, summed_up

    host = this_machine()
    files = stages.Files(options["files"], options["data"], options["define"])
    words = remote.split(options["targets"])
    reading = stages.Reading(
        stages.variables_from(options["variables"]),
        bool(options["strict"]),
        command_context=words.command_context,
    )
    fetched = loading.fetch(words.url, files, host, options["builder"] or "") if words.url else None
    selection = stages.Selection(
        targets=words.targets, overrides=options["overrides"], remote=fetched.root if fetched else ""
    )
    checked = checking.check(
        lambda: fetched.sources if fetched else stages.sources(files, host, read_stdin),
        selection,
        host,
        reading,
    )
    found, form = checked.diagnostics, options["diagnostics"]
    sys.stdout.write(FORMATS[form](found))
    if form == TEXT:
        print(("\n" if found else "") + summed_up(found, checked.targets))
    return ExitCode.FAILURE if has_errors(found) else ExitCode.OK
