"""Outputs that have come whole wait here until the build has succeeded: only then they take their places.

BuildKit ends an exporter's stream in the same way when the exporter failed halfway (exporter/tar/export.go),
so the end of a stream says nothing; and of several outputs all are to land, or none. Folders can be taken
back; of the others, those that can still fail land first, files last, by nothing but a rename.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from bake.buildkit.services.sinks import FileSink, TreeSink
from bake.errors import BakeError, ExportError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

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
        """Move all of it into place, or nothing. Raises ExportError."""
        try:
            for staging in self._staged:
                staging.place(clean=self.clean)
        except ExportError:
            self.take_back()
            raise

    def take_back(self) -> None:
        """Bring the former output back. Harmless when it is there; raises nothing."""
        for staging in reversed(self._staged):
            staging.undo()

    def drop(self) -> None:
        """Leave the former output, unless this one has landed."""
        for staging in self._staged:
            staging.close()


def held(sink: Sink | TreeSink) -> HeldBytes | HeldTree:
    return HeldTree(sink) if isinstance(sink, TreeSink) else HeldBytes(sink)


@contextmanager
def landed(outputs: Iterable[HeldBytes | HeldTree]) -> Iterator[None]:
    """All outputs have landed within the block; if one cannot, or the block fails, folders are taken back.

    Raises ExportError.
    """
    ordered = sorted(outputs, key=_certainty)
    try:
        for output in ordered:
            output.land()
        yield
    except BakeError:
        for output in ordered:
            if isinstance(output, HeldTree):
                output.take_back()
        raise


def _certainty(output: HeldBytes | HeldTree) -> int:
    if isinstance(output, HeldTree):
        return 1
    return 2 if isinstance(output.sink, FileSink) else 0
