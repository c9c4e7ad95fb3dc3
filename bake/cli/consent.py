"""Consent for what a build wants beyond its working directory: asked on a terminal, an error elsewhere."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from bake.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bake.api.building import Privilege

RAW = "rawjson"
ALWAYS_ASKED = "buildx.local.delete"
"""The one privilege that buildx 0.36.1 insists on where its output is read by programs."""


def obtain(wanted: Iterable[Privilege], mode: str) -> None:
    """Return if all of `wanted` is granted. Raises UsageError if not. `mode` is the display's."""
    wanted = tuple(wanted)
    if mode == RAW:
        return _insist(wanted)
    if wanted:
        _ask(wanted)
    return None


def _insist(wanted: tuple[Privilege, ...]) -> None:
    if any(one.flag == ALWAYS_ASKED for one in wanted):
        raise UsageError(
            f'additional privileges requested: pass "--allow={ALWAYS_ASKED}" to grant requested privileges'
        )


def _ask(wanted: tuple[Privilege, ...]) -> None:
    from bake.ui import consent

    command = [os.path.basename(sys.argv[0]), *sys.argv[1:]]
    asking = sys.stdin.isatty()
    wishes = [(one.flag, one.text) for one in wanted]
    files = any(one.filesystem for one in wanted)
    sys.stderr.write(consent.request(wishes, command, asking=asking, files=files))
    if asking and consent.ask(_show, sys.stdin.readline):
        return
    raise UsageError("additional privileges requested")


def _show(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()
