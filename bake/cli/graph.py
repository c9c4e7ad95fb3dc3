"""`pybake graph`: groups, targets and their links, as text or as a picture."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from bake.cli.builder_options import builder
from bake.cli.definition_options import TARGETS, data, define, files, load, variables
from bake.cli.options import flag

if TYPE_CHECKING:
    from collections.abc import Callable

    from bake.drawing import Drawing

FORMATS = ("text", "dot", "mermaid", "svg", "json")


@click.command("graph")
@click.argument("targets", nargs=-1, metavar=TARGETS)
@builder
@data
@define
@files
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    default="text",
    metavar="FORMAT",
    help=f"How to show it ({', '.join(FORMATS)}) [default: text]",
)
@flag("--strict", help="Unknown attributes and blocks are errors")
@variables
def command(**options: Any) -> int:
    """Show how targets and groups depend on each other.

    Shows every group with its members, and every target with the targets that it builds on: of each TARGET
    and what it leads to, or of everything. `dot` is for Graphviz, `mermaid` for Markdown on GitHub and
    GitLab, `svg` is a standalone picture. URL is a remote definition, which an engine fetches.
    """
    from bake.api import remote
    from bake.api.graphing import drawing
    from bake.api.machine import this_machine

    host = this_machine()
    words = remote.split(options["targets"])
    show = _shower(options["form"])
    sys.stdout.write(show(drawing(load(options, words, host), words.targets, host)))
    return 0


def _shower(form: str) -> Callable[[Drawing], str]:
    from bake.ui.graphs import texts

    if form == "svg":
        from bake.ui.graphs.svg import svg

        return svg
    return {"text": texts.tree, "dot": texts.dot, "mermaid": texts.mermaid, "json": texts.as_json}[form]
