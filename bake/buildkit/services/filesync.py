"""moby.filesync.v1.FileSync: BuildKit asks for the local contexts by name.

Takes trees by their local names (`context`, `dockerfile`, …). What of a tree is sent stands in the
call's headers: `include-patterns`, `exclude-patterns` and `followpaths`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bake.buildkit import stream as grpc
from bake.buildkit.services.calls import decoded
from bake.errors import BakeError
from bake.solve import InlineTree, LocalTree

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bake.buildkit.fsutil.tree import Tree
    from bake.buildkit.stream import Methods, Stream


def methods(trees: Mapping[str, LocalTree | InlineTree]) -> Methods:
    """Serves `trees`, and no other folder. The mapping is looked into at each call, so it may grow."""

    def diff_copy(stream: Stream) -> None:
        name = (decoded(stream, "dir-name") or ("",))[0]
        if name not in trees:
            raise grpc.RpcError(grpc.NOT_FOUND, f'no access allowed to dir "{name}"')
        try:
            _send(stream, trees[name])
        except BakeError as exc:
            raise grpc.RpcError(grpc.FAILED_PRECONDITION, str(exc)) from exc

    return {"/moby.filesync.v1.FileSync/DiffCopy": diff_copy}


def _send(stream: Stream, source: LocalTree | InlineTree) -> None:
    from bake.buildkit.fsutil.follow import make_filter
    from bake.buildkit.fsutil.sender import send

    tree = _open(source)
    include, exclude, follow = (
        decoded(stream, name) for name in ("include-patterns", "exclude-patterns", "followpaths")
    )
    send(stream, tree, make_filter(tree, include or (), exclude or (), follow))


def _open(source: LocalTree | InlineTree) -> Tree:
    from bake.buildkit.fsutil.tree import DiskTree, MemoryTree

    return DiskTree(source.path) if isinstance(source, LocalTree) else MemoryTree(source.files)
