"""`pybake init`: a first bake file."""

from __future__ import annotations

import os
import sys

import click

from bake.cli.options import flag


@click.command("init")
@click.option(
    "-o",
    "--output",
    default="docker-bake.hcl",
    show_default=True,
    metavar="FILE",
    help="The file to write, - for standard output",
)
@flag("--force", help="Replace an existing file")
def command(output: str, force: bool | None) -> int:
    """Write a bake file for the Dockerfiles and compose files in this folder.

    Each service with a `build`, and each other Dockerfile, becomes a target; the group "default" has all.
    """
    from bake.api.machine import this_machine
    from bake.api.scaffold import scaffold

    made = scaffold(this_machine())
    if output == "-":
        sys.stdout.write(made.text)
        return 0
    _write(output, made.text, force=bool(force))
    print(f"wrote {output} from {', '.join(made.found)}")
    print("see what it builds with pybake --print, build it with pybake")
    return 0


def _write(path: str, text: str, *, force: bool) -> None:
    from bake import files
    from bake.errors import UsageError

    if os.path.exists(path) and not force:
        raise UsageError(f"{path} exists", hint="--force replaces it, -o FILE writes another, -o - prints")
    try:
        files.replace(path, text.encode())
    except OSError as exc:
        hint = "name a file with -o in a folder that is there and yours"
        raise UsageError(f"{path} cannot be written", detail=exc.strerror or str(exc), hint=hint) from exc
