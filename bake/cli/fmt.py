"""`pybake fmt`: HCL files in canonical form."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from bake.cli.options import flag

if TYPE_CHECKING:
    from bake.api.formatting import Formatted
    from bake.errors import BakeError
    from bake.host import Host


@click.command("fmt")
@click.argument("paths", nargs=-1, metavar="[FILE|FOLDER]...")
@flag("--check", help="Change nothing; exit with 1 if a file is not formatted")
@flag("--diff", help="Change nothing; show what would change")
def command(paths: tuple[str, ...], check: bool | None, diff: bool | None) -> int:
    """Write HCL files in canonical form, as `terraform fmt` does.

    Only white space changes: indentation, the space between tokens, the alignment of `=` and of comments. The
    names of changed files are printed. A FOLDER, by default the working directory, stands for the bake files
    with default names in it; `-` formats standard input to standard output.
    """
    from bake.api.formatting import names_in
    from bake.api.machine import this_machine
    from bake.errors import raise_all

    host = this_machine()
    results, faults = _formatted(names_in(paths, host), host)
    for result in results:
        _show(result, diff=bool(diff))
        if not (check or diff):
            _keep(result)
    raise_all(faults, "files that cannot be formatted")
    return int(bool(check) and any(result.changed for result in results))


def _formatted(names: list[str], host: Host) -> tuple[list[Formatted], list[BakeError]]:
    from bake.api.formatting import formatted
    from bake.api.machine import read_stdin
    from bake.errors import BakeError, flatten

    results, faults = [], []
    for name in names:
        try:
            results.append(formatted(name, host, read_stdin))
        except (BakeError, ExceptionGroup) as error:
            faults += flatten(error)
    return results, faults


def _show(result: Formatted, *, diff: bool) -> None:
    if diff:
        sys.stdout.write(result.difference)
    elif result.path and result.changed:
        print(result.name)


def _keep(result: Formatted) -> None:
    from bake.api.formatting import write

    if not result.path:
        sys.stdout.write(result.after)
    elif result.changed:
        write(result)
