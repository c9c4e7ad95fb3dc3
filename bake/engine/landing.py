"""Outputs that have come whole wait here until the build has succeeded: only then they take their places.

BuildKit ends an exporter's stream in the same way when the exporter failed halfway (exporter/tar/export.go),
so the end of a stream says nothing; and of several outputs all are to land, or none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bake.buildkit.services.sinks import TreeSink

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bake.buildkit.fsutil.staging import Staging
    from bake.buildkit.services.sinks import Sink
    from bake.buildkit.stream import Buffer


class HeldBytes:
    """A sink whose commit waits for `land`."""

    def __init__(self, sink: Sink) -> None:
        self.sink = sink
        self._open = False
        self._whole = False

    def open(self, metadata: Mapping[str, str]) -> None:
        self._open = True
        self.sink.open(metadata)

    def write(self, data: Buffer) -> None:
        self.sink.write(data)

    def commit(self) -> None:
        self._whole = True

    def abort(self) -> None:
        self._open = self._whole = False
        self.sink.abort()

    def land(self) -> None:
        """Make it the output, if it came. Raises ExportError."""
        if self._whole:
            self.sink.commit()
            self._open = self._whole = False

    def drop(self) -> None:
        """Leave the former output, unless this one has landed."""
        if self._open:
            self.abort()


class HeldTree(TreeSink):
    """A folder whose new content waits for `land`; a daemon may send it in several calls."""

    def __init__(self, sink: TreeSink) -> None:
        super().__init__(sink.path, clean=sink.clean)
        self._staged: list[Staging] = []

    def accept(self, staging: Staging) -> None:
        self._staged.append(staging)

    def land(self) -> None:
        """Move all of it into place. Raises ExportError."""
        for staging in self._staged:
            staging.commit(clean=self.clean)

    def drop(self) -> None:
        """Leave the former output, unless this one has landed."""
        for staging in self._staged:
            staging.abort()


def held(sink: Sink | TreeSink) -> HeldBytes | HeldTree:
    return HeldTree(sink) if isinstance(sink, TreeSink) else HeldBytes(sink)
