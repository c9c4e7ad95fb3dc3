"""What a builder's builds were made of, kept on this machine in buildx's form (localstate, 0.36.1).

`refs/BUILDER/NODE/REF` below buildx's folder holds the target, its context and its Dockerfile: BuildKit's
own history knows no paths of clients.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from bake import files
from bake.record import record

if TYPE_CHECKING:
    from typing import Any


@record
class LocalState:
    """`context` is an absolute folder or a URL, `dockerfile` an absolute path or one inside that URL."""

    target: str = ""
    context: str = ""
    dockerfile: str = ""


def read(folder: str, builder: str, node: str, ref: str) -> LocalState | None:
    """What is known of a build, None if it was not made here."""
    try:
        with open(_path(folder, builder, node, ref), encoding="utf-8", errors="surrogateescape") as file:
            fields: Any = json.load(file)
        return LocalState(
            *(str(fields.get(name) or "") for name in ("Target", "LocalPath", "DockerfilePath"))
        )
    except (OSError, ValueError, AttributeError):
        return None


def save(folder: str, builder: str, node: str, ref: str, state: LocalState) -> None:
    """Keep it. Raises OSError."""
    path = _path(folder, builder, node, ref)
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    fields = {"Target": state.target, "LocalPath": state.context, "DockerfilePath": state.dockerfile}
    text = json.dumps(fields, separators=(",", ":"), ensure_ascii=False)
    files.replace(path, text.encode(errors="surrogateescape"), mode=0o644)


def _path(folder: str, builder: str, node: str, ref: str) -> str:
    return os.path.join(folder, "refs", builder, node, ref)
