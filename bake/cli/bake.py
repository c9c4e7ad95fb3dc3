"""`pybake bake`: buildx bake's options, word for word, and pybake's own."""

from __future__ import annotations

from typing import Any

import click

from bake.cli.builder_options import builder
from bake.cli.definition_options import (
    TARGETS,
    data,
    define,
    files,
    load_flag,
    overrides,
    push_flag,
    variables,
)
from bake.cli.options import diagnostics_option, flag, many
from bake.cli.run_options import (
    call,
    check,
    debug,
    metadata_file,
    no_cache,
    progress,
    pull,
    report,
    run_options,
)


@click.command("bake")
@click.argument("targets", nargs=-1, metavar=TARGETS)
@many(
    "--allow",
    metavar="RESOURCE",
    help="Allow build to access specified resources (network.host, security.insecure, ssh, device[=NAME], "
    "fs=PATH, fs.read=PATH, fs.write=PATH)",
)
@builder
@call
@check
@data
@define
@debug
@diagnostics_option
@files
@click.option(
    "--list",
    "listing",
    metavar="WHAT",
    help='List targets or variables ("targets", "variables", "type=targets,format=json")',
)
@flag("--list-targets", help="List targets: now --list=targets", hidden=True)
@flag("--list-variables", help="List variables: now --list=variables", hidden=True)
@load_flag
@metadata_file
@no_cache
@many(
    "--policy",
    metavar="OPTIONS",
    help='Global policy evaluation options (format: "[disabled=true|false][,strict=true|false]")',
)
@flag("--print", "printing", help="Print the options without building")
@progress
@click.option(
    "--provenance",
    metavar="OPTIONS",
    help='Shorthand for "--set=*.attest=type=provenance" (true, false, mode=max)',
)
@pull
@push_flag
@report
@click.option(
    "--sbom",
    metavar="OPTIONS",
    help='Shorthand for "--set=*.attest=type=sbom" (true, false, generator=IMAGE)',
)
@overrides
@flag("--strict", help="Warnings of the definition are errors")
@variables
@run_options
def command(**options: Any) -> int:
    """Build from a file.

    Every TARGET is a target or a group of the bake file; without one, the group "default" is built. URL is a
    remote definition: a Git repository (`#REF:FOLDER` after it), an archive or a file. CONTEXT_URL is what
    BAKE_CMD_CONTEXT is in it; `-f cwd://FILE` adds a file from this machine.
    """
    from bake.cli.running import bake

    return bake(options)
