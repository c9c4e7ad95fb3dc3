"""How the Solves of one node are served: by methods of their own, and by sessions that several share."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from bake.engine.attachments import credentials, files
from bake.engine.sharing import split
from bake.record import record

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bake.buildkit.client import Client, SharedFiles
    from bake.buildkit.stream import Methods
    from bake.engine.attachments import Means
    from bake.engine.sharing import Split
    from bake.solve import InlineTree, LocalTree, Solve, SolveKey


@record
class Served:
    """How one Solve is served: by which methods of its own, by which shared sessions."""

    methods: Methods
    files: SharedFiles | None
    attrs: Mapping[str, str]


class Node:
    """One node during a run: its client, and the files it has shared. Any thread may call any method."""

    def __init__(self, client: Client, solves: Sequence[Solve], means: Means, node_id: str) -> None:
        self.client = client
        self._means = means
        self._node_id = node_id
        self._split: dict[SolveKey, Split] = split(solves)
        self._lock = threading.Lock()
        self._shared: SharedFiles | None = None

    def serve(self, solve: Solve, methods: Methods) -> Served:
        trees = self._split[solve.key]
        shared = self._share() if trees.shared else None
        own = dict(methods)
        if trees.own:
            own |= files(trees.own, self._means)
        elif shared is None:
            own |= credentials(self._means)
        return Served(own, shared, shared.attrs(trees.shared) if shared else {})

    def _share(self) -> SharedFiles:
        """The sessions for everything that is shared on this node, opened when they are first needed, and
        again after the connection was lost."""
        with self._lock:
            if self._shared is None:
                wanted = [one.shared for one in self._split.values() if one.shared]
                self._shared = self.client.share_files(wanted, self._serve, node_id=self._node_id)
            self._shared.mend()
            return self._shared

    def _serve(self, trees: Mapping[str, LocalTree | InlineTree]) -> Methods:
        return files(trees, self._means)

    def close(self) -> None:
        if self._shared is not None:
            self._shared.close()
