"""`pybake bake`: buildx bake's options, word for word, and pybake's own."""

from __future__ import annotations

from typing import Any

import click

from bake.cli.options import diagnostics_option, flag, many
from bake.cli.run_options import run_options


@click.command("bake", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("targets", nargs=-1, metavar="[URL [CONTEXT_URL]] [TARGET...]")
@many("--allow", metavar="RESOURCE", help="Allow build to access specified resources")
@click.option("--builder", metavar="NAME", help="Override the configured builder instance")
@click.option(
    "--call", default="build", metavar="METHOD", help="Method for evaluating build (check, outline, targets)"
)
@flag("--check", help="Shorthand for --call=check")
@many("--data", metavar="FILE", help="Data for *.j2 files (JSON, TOML or YAML)")
@many("--define", metavar="NAME=VALUE", help="A name for *.j2 files")
@flag("-D", "--debug", help="Enable debug logging")
@diagnostics_option
@many("-f", "--file", "files", metavar="FILE", help="Build definition file")
@click.option("--list", "listing", metavar="WHAT", help="List targets or variables")
@flag("--list-targets", help="List targets: now --list=targets", hidden=True)
@flag("--list-variables", help="List variables: now --list=variables", hidden=True)
@flag("--load", help="Shorthand for --set=*.output=type=docker. Conditional.")
@click.option("--metadata-file", metavar="FILE", help="Write build result metadata to a file")
@flag("--no-cache", help="Do not use cache when building the image")
@many("--policy", metavar="OPTIONS", help="Global policy evaluation options")
@flag("--print", "printing", help="Print the options without building")
@click.option(
    "--progress",
    metavar="MODE",
    help="Progress output (auto, json, none, plain, quiet, rawjson, tty) [default: auto]",
)
@click.option("--provenance", metavar="VALUE", help="Shorthand for --set=*.attest=type=provenance")
@flag("--pull", help="Always attempt to pull all referenced images")
@flag("--push", help="Shorthand for --set=*.output=type=registry. Conditional.")
@many(
    "--report", metavar="FILE", help="Write a report of the run (.html, .json, .xml for JUnit, .md, github)"
)
@click.option("--sbom", metavar="VALUE", help="Shorthand for --set=*.attest=type=sbom")
@many("--set", "overrides", metavar="TARGET.KEY=VALUE", help="Override target value")
@flag("--strict", help="Warnings of the definition are errors")
@many("--var", "variables", metavar="NAME=VALUE", help="Set a variable value")
@run_options
def command(**options: Any) -> int:
    """Build from a file.

    Every TARGET is a target or a group of the bake file; without one, the group "default" is built. URL is a
    definition elsewhere: a Git repository (`#REF:FOLDER` behind it), an archive or a file. CONTEXT_URL is
    what BAKE_CMD_CONTEXT is there; `-f cwd://FILE` adds a file of this machine.
    """
    from bake.cli.running import bake

    return bake(options)
