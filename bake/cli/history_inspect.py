"""`pybake history inspect`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from bake.cli.builder_options import builder, debug

if TYPE_CHECKING:
    from bake.errors import SourceExcerpt


@click.command("inspect")
@builder
@debug
@click.argument("ref", default="", metavar="[REF]")
@click.option(
    "--format", "form", default="pretty", metavar="FORMAT", help="Format the output [default: pretty]"
)
def command(**options: Any) -> int:
    """Inspect a build record.

    REF is a build's id, or `^N` for the N-th build before the last one; the default is the last one. FORMAT
    is pretty, json, or a Go template of the fields that json shows. `history inspect attachment` prints
    what a build left behind.
    """
    from bake.api import building, history
    from bake.api.machine import this_machine
    from bake.ui import history as shown

    host = this_machine()
    with building.connected(host, options["builder"] or "") as connection:
        build = history.find(connection, options["ref"])
        document = history.document(build, host.working_directory, host.now(), _framed)
    form = options["form"]
    if form == "json":
        text = shown.as_json(document)
    elif form == "pretty":
        text = shown.pretty(document, options["ref"], build.full_ref)
    else:
        text = shown.templated(document, form)
    sys.stdout.write(text)
    return 0


def _framed(excerpt: SourceExcerpt) -> str:
    from bake.ui.snippets import framed

    return "".join(f"{line}\n" for line in framed(excerpt.filename, excerpt.text.split("\n"), excerpt.ranges))
