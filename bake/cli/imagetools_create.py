"""`pybake imagetools create`: an image made of images."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any

import click

from bake.cli.builder_options import builder
from bake.cli.options import flag, many
from bake.cli.run_options import debug

if TYPE_CHECKING:
    from bake.host import Host


@click.command("create")
@click.argument("sources", nargs=-1, metavar="[SOURCE...]")
@many("--annotation", "annotations", metavar="[TYPE:]KEY=VALUE", help="Add annotation to the image")
@flag("--append", help="Append to existing manifest")
@builder
@debug
@flag("--dry-run", help="Show final image instead of pushing")
@many("-f", "--file", "files", metavar="FILE", help="Read source descriptor from file")
@click.option("--metadata-file", metavar="FILE", help="Write create result metadata to a file")
@many("-p", "--platform", "platforms", metavar="PLATFORM", help="Filter specified platforms of target image")
@flag(
    "--prefer-index",
    help="When only a single source is specified, prefer outputting an image index or manifest list "
    "instead of performing a carbon copy [default: true]",
)
@click.option(
    "--progress",
    metavar="MODE",
    help="Progress output (auto, none, plain, quiet, rawjson, tty) [default: auto]",
)
@many("-t", "--tag", "tags", metavar="REFERENCE", help="Set reference for new image")
def command(**options: Any) -> int:
    """Create a new image based on source images.

    A SOURCE is a reference, a digest in the tag's repository, or a descriptor in JSON.
    """
    from bake.api import images
    from bake.api.machine import this_machine

    host = this_machine()
    wanted = images.Wanted(
        **{name: options[name] for name in ("sources", "files", "tags", "annotations", "platforms")},
        append=bool(options["append"]),
        prefer_index=options["prefer_index"] is not False,
        dry_run=bool(options["dry_run"]),
    )
    with images.connected(host, options["builder"] or "") as registries:
        made = images.compose(registries, wanted)
        if wanted.dry_run:
            sys.stdout.buffer.write(made.data + b"\n")
            return 0
        _push(registries, made, options["tags"], options["progress"], host)
    if options["metadata_file"]:
        images.write_metadata(options["metadata_file"], made, wanted.tags)
    return 0


def _push(registries: Any, made: Any, tags: tuple[str, ...], progress: str | None, host: Host) -> None:
    from bake.api import images
    from bake.cli.options import progress_mode
    from bake.ui.display import Pump, make_display

    display = make_display(progress_mode(progress, host), sys.stderr, time.time, "")
    with Pump(display) as emit:
        images.push(registries, made, tags, emit)
