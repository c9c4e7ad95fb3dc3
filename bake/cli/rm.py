"""`pybake rm`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from bake.cli.builder_options import builder, confirmed, debug, timeout
from bake.cli.options import flag
from bake.errors import BakeError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

QUESTION = (
    "WARNING! This will remove all builders that are not in running state. Are you sure you want to continue?"
)


@click.command("rm")
@debug
@click.argument("names", nargs=-1, metavar="[NAME...]")
@flag("--all-inactive", help="Remove all inactive builders")
@builder
@flag("-f", "--force", help="Do not prompt for confirmation")
@flag("--keep-daemon", help="Keep the BuildKit daemon running")
@flag("--keep-state", help="Keep BuildKit state")
@timeout
def command(**options: Any) -> int:
    """Remove one or more builder instances; without NAME the current one."""
    from bake.api import builders
    from bake.api.machine import this_machine

    removal = builders.Removal(
        keep_daemon=bool(options["keep_daemon"]),
        keep_state=bool(options["keep_state"]),
        timeout=builders.timeout_of(options["timeout"]),
    )
    if not options["all_inactive"]:
        return _told(
            builders.remove(this_machine(), options["names"] or (options["builder"] or "",), removal)
        )
    if options["names"]:
        raise UsageError("cannot specify builder name when --all-inactive is set")
    if not options["force"] and not confirmed(QUESTION):
        return 0
    return _told(builders.remove_inactive(this_machine(), removal))


def _told(done: Iterable[tuple[str, BakeError | None]]) -> int:
    """Say what became of each. Raises UsageError if any failed."""
    failed = False
    for name, fault in done:
        failed = failed or fault is not None
        sys.stderr.write(f"failed to remove {name}: {fault}\n" if fault else f"{name} removed\n")
    if failed:
        raise UsageError("failed to remove one or more builders")
    return 0
