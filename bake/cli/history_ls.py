"""`pybake history ls`."""

from __future__ import annotations

import sys
from typing import Any

import click

from bake.cli.builder_options import builder, debug
from bake.cli.options import flag, many


@click.command("ls")
@builder
@debug
@many("--filter", "filters", metavar="FILTER", help='Provide filter values (e.g., "status=error")')
@click.option(
    "--format", "form", default="table", metavar="FORMAT", help="Format the output [default: table]"
)
@flag("--local", help="List records for current repository only")
@flag("--no-trunc", help="Don't truncate output")
def command(**options: Any) -> int:
    """List build records.

    A FILTER compares ref, repository or status (= or !=), or startedAt, completedAt or duration (<, <=, > or
    >=); a time is RFC 3339, or how long ago. FORMAT is table, json, or a Go template of .Ref .FullRef .Name
    .Status .CreatedAt .Duration .Link.
    """
    from bake.api import building, history
    from bake.api.machine import this_machine
    from bake.ui.history import listing

    host = this_machine()
    filters = [*([history.repository_filter(host)] if options["local"] else ()), *options["filters"]]
    with building.connected(host, options["builder"] or "") as connection:
        builds = history.listed(connection, filters=filters, now=host.now())
        text = listing(builds, options["form"], host.now(), truncate=not options["no_trunc"])
    sys.stdout.write(text)
    return 0
