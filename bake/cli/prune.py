"""`pybake prune`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from bake.cli.builder_options import builder, confirmed, debug, timeout
from bake.cli.options import flag, many

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bake.api.disk import UsageRecord

SURE = "Are you sure you want to continue?"
QUESTION = f"WARNING! This will remove all dangling build cache. {SURE}"
QUESTION_ALL = f"WARNING! This will remove all build cache. {SURE}"
DEPRECATED = "Flag --keep-storage has been deprecated, keep-storage flag has been changed to reserved-space\n"


@click.command("prune")
@debug
@flag("-a", "--all", "everything", help="Include internal/frontend images")
@builder
@many("--filter", "filters", metavar="NAME=VALUE", help="Provide filter values")
@flag("-f", "--force", help="Do not prompt for confirmation")
@click.option("--keep-storage", default="", hidden=True)
@click.option(
    "--max-used-space",
    default="",
    metavar="SIZE",
    help="Maximum amount of disk space allowed to keep for cache",
)
@click.option(
    "--min-free-space", default="", metavar="SIZE", help="Target amount of free disk space after pruning"
)
@click.option(
    "--reserved-space",
    default="",
    metavar="SIZE",
    help="Amount of disk space always allowed to keep for cache",
)
@timeout
@flag("--verbose", help="Provide a more verbose output")
def command(**options: Any) -> int:
    """Remove build cache.

    Filters are until=DURATION (not used for that long), and id, parents, type, description, inuse, mutable,
    shared, private, which `pybake du --verbose` shows; NAME~=REGEXP and NAME!=VALUE work too. Sizes are
    written like 10gb or 512mb.

    \b
    pybake prune --filter until=48h --filter type=exec.cachemount
    pybake prune --force --max-used-space 20gb
    """
    from bake.api import builders, disk
    from bake.api.machine import this_machine

    if options["keep_storage"]:
        sys.stderr.write(DEPRECATED)
    host, everything = this_machine(), bool(options["everything"])
    seconds = builders.timeout_of(options["timeout"])
    space = disk.Space(
        options["reserved_space"] or options["keep_storage"],
        options["max_used_space"],
        options["min_free_space"],
    )
    what = disk.pruning(host, options["filters"], space, everything=everything)
    if not options["force"] and not confirmed(QUESTION_ALL if everything else QUESTION):
        return 0
    gone = disk.prune(host, options["builder"] or "", what, seconds)
    _tell(gone, host.now, verbose=bool(options["verbose"]))
    return 0


def _tell(gone: Iterable[UsageRecord], now: Any, *, verbose: bool) -> None:
    """A line, or all that is known, of each record as it goes."""
    from bake.ui.usage import pruned_at_length, pruned_row, pruned_total

    records: list[UsageRecord] = []
    for record in gone:
        first = not records
        records.append(record)
        text = pruned_at_length(record, now()) if verbose else pruned_row(record, now(), first=first)
        sys.stdout.write(text)
        sys.stdout.flush()
    sys.stdout.write(pruned_total(records))
