"""Keeping what builds were made of: the target, the context and the Dockerfile of each, by its id.

Builds whose state cannot be kept are built all the same; `history` then knows less of them.
"""

from __future__ import annotations

import posixpath
from contextlib import suppress
from typing import TYPE_CHECKING

from bake.builder import local_state
from bake.builder.local_state import LocalState
from bake.solve import LocalTree

if TYPE_CHECKING:
    from collections.abc import Callable

    from bake.api.building import Connection
    from bake.solve import Solve


def keeper(connection: Connection) -> Callable[[Solve, str], None]:
    """What keeps the state of a build that has started, given its id."""
    folder, builder = connection.site.buildx_folder, connection.builder.name

    def keep(solve: Solve, ref: str) -> None:
        if not solve.call:
            with suppress(OSError):
                local_state.save(folder, builder, solve.node, ref, state_of(solve))

    return keep


def state_of(solve: Solve) -> LocalState:
    """What `solve` is made of; `-` stands for standard input, as in buildx."""
    from bake.buildkit.services.upload import URL

    remote = solve.attrs.get("context", "")
    context = "-" if remote.startswith(URL) else remote or _path(solve, "context")
    folder, name = _path(solve, "dockerfile"), solve.attrs.get("filename", "")
    return LocalState(solve.target, context, posixpath.join(folder, name) if folder or remote else "")


def _path(solve: Solve, name: str) -> str:
    tree = solve.locals.get(name)
    return tree.path if isinstance(tree, LocalTree) else ""
