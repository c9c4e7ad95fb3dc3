"""`pybake imagetools inspect`: what a registry has under a name."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Any

import click

from bake.cli.builder_options import builder
from bake.cli.options import flag
from bake.cli.run_options import debug
from bake.errors import UsageError

if TYPE_CHECKING:
    from bake.api.images import Inspected
    from bake.descriptor import Descriptor

WHOLE = re.compile(r"\{\{\s*\.Manifest\s*\}\}")
"""The template that means the text."""


@click.command("inspect")
@click.argument("name")
@builder
@debug
@click.option(
    "--format",
    "template",
    metavar="TEMPLATE",
    help='Format the output using the given Go template [default: "{{.Manifest}}"]',
)
@flag("--raw", help="Show original, unformatted JSON manifest")
def command(name: str, **options: Any) -> int:
    """Show details of an image in the registry.

    A template may use .Name, .Manifest, .Image, .Provenance and .SBOM; for an image of several platforms
    the last three are maps by platform: '{{json (index .Image "linux/arm64")}}'.
    """
    from bake.api import images
    from bake.api.machine import this_machine

    template, raw = options["template"], options["raw"]
    if template and raw:
        raise UsageError("format and raw cannot be used together")
    with images.connected(this_machine(), options["builder"] or "") as registries:
        found = images.inspect(registries, name)
        if raw:
            sys.stdout.buffer.write(found.raw)
        elif not template or WHOLE.fullmatch(template.strip()):
            sys.stdout.write(shown(found))
        else:
            from bake.ui.gotemplate import indented_json, render

            sys.stdout.write(render(template, images.document(registries, found), json=indented_json))
    return 0


def shown(image: Inspected) -> str:
    """The text of an image, as buildx sets it (util/imagetools/printers.go, 0.36.1)."""
    from bake.tabwriter import BLANKS, aligned

    head = {
        "Name": str(image.location),
        "MediaType": image.descriptor.media_type,
        "Digest": image.descriptor.digest,
    }
    text = aligned(_rows("", head), BLANKS)
    if image.descriptor.is_index:
        text += aligned("\t\nManifests:\t\n", BLANKS)
        blocks = [_block(image, one) for one in image.manifests]
        text += "".join(aligned(piece, BLANKS) for piece in "\t\n".join(blocks).split(BREAK))
    return text


BREAK = "\0"
"""Where a table ends and the next begins."""


def _block(image: Inspected, one: Descriptor) -> str:
    rows = {"Name": str(image.location.at(one.digest)), "MediaType": one.media_type}
    if one.platform is None:
        return _rows("  ", rows)
    rows["Platform"] = str(one.platform)
    optional = {
        "OSVersion": one.platform.os_version,
        "OSFeatures": ", ".join(one.platform.os_features),
        "URLs": ", ".join(one.urls),
    }
    rows |= {key: value for key, value in optional.items() if value}
    if not one.annotations:
        return _rows("  ", rows)
    return (
        _rows("  ", {**rows, "Annotations": ""})
        + BREAK
        + _rows("    ", dict(sorted(one.annotations.items())))
        + BREAK
    )


def _rows(indent: str, rows: dict[str, str]) -> str:
    return "".join(f"{indent}{name}:\t{value}\n" for name, value in rows.items())
