"""`pybake du`."""

from __future__ import annotations

import sys
from typing import Any

import click

from bake.cli.builder_options import builder, debug, timeout
from bake.cli.options import flag, many
from bake.errors import UsageError


@click.command("du")
@debug
@builder
@many("--filter", "filters", metavar="NAME=VALUE", help="Provide filter values")
@click.option("--format", "form", default="", metavar="FORMAT", help="Format the output [default: table]")
@timeout
@flag("--verbose", help='Shorthand for "--format=pretty"')
def command(**options: Any) -> int:
    """Disk usage.

    Filters are those of `pybake prune`.

    FORMAT is table, pretty, json, or a Go template of .ID .Parents .CreatedAt .Mutable .Reclaimable .Shared
    .Size .Description .UsageCount .LastUsedAt .Type.
    """
    from bake.api import builders, disk
    from bake.api.machine import this_machine
    from bake.ui.usage import PRETTY, usage

    if options["form"] and options["verbose"]:
        raise UsageError("--format and --verbose cannot be used together")
    host, filters = this_machine(), options["filters"]
    form = PRETTY if options["verbose"] else options["form"]
    seconds = builders.timeout_of(options["timeout"])
    records = disk.usage(host, options["builder"] or "", filters, seconds)
    sys.stdout.write(usage(records, form, host.now(), totals=not filters))
    return 0
