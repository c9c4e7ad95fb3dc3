"""`pybake explain`: why targets build as they do."""

from __future__ import annotations

import sys
from typing import Any

import click

from bake.cli.definition_options import TARGETS, definition_options, load, select


@click.command("explain")
@click.argument("targets", nargs=-1, metavar=TARGETS)
@definition_options
@click.option(
    "--format",
    "form",
    type=click.Choice(("text", "json")),
    default="text",
    metavar="FORMAT",
    help="How to show it (text, json) [default: text]",
)
def command(**options: Any) -> int:
    """Explain why targets build as they do.

    For each TARGET (by default all that bake would build): which groups and contexts lead to it, on which
    node it runs, which caches it reads and writes, and every value with the file and line it comes from,
    who set it, and the variables it was made of. Nothing is built; without an engine the node is unknown.
    URL is a remote definition, which an engine fetches.
    """
    from bake.api import remote
    from bake.api.explaining import explain, names_of, nodes_of
    from bake.api.machine import this_machine
    from bake.ui.explain import FORMATS

    host = this_machine()
    words = remote.split(options["targets"])
    whole = load(options, words, host)
    chosen = select(whole, options, words, host)
    nodes = nodes_of(host, options["builder"] or "")
    found = [explain(whole, chosen, name, nodes, host) for name in names_of(words.targets, chosen)]
    sys.stdout.write(FORMATS[options["form"]](found))
    return 0
