"""`pybake history inspect attachment`."""

from __future__ import annotations

import sys
from typing import Any

import click

from bake.cli.builder_options import builder, debug


@click.command("attachment")
@builder
@debug
@click.argument("ref", default="", metavar="[REF")
@click.argument("digest", default="", metavar="[DIGEST]]")
@click.option("--platform", default="", metavar="PLATFORM", help="Platform of attachment")
@click.option("--type", "kind", default="", metavar="TYPE", help="Type of attachment")
def command(**options: Any) -> int:
    """Inspect a build record attachment.

    TYPE is index, manifest, image, provenance, sbom, or a type that `history inspect` lists.
    """
    from bake import reference
    from bake.api import building, history
    from bake.api.machine import this_machine
    from bake.errors import UsageError

    if not (options["digest"] or options["platform"] or options["kind"]):
        raise UsageError("at least one of --type, --platform or DIGEST must be specified")
    if options["digest"]:
        try:
            reference.check_digest(options["digest"])
        except ValueError as exc:
            raise UsageError(f'invalid digest "{options["digest"]}"', detail=str(exc)) from exc
    with building.connected(this_machine(), options["builder"] or "") as connection:
        build = history.find(connection, options["ref"])
        if options["digest"]:
            data = build.client.read_blob(options["digest"])
        else:
            data = history.attachment(build, kind=options["kind"], platform=options["platform"])
    sys.stdout.buffer.write(data)
    return 0
