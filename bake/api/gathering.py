"""One archive, folder or loaded image of what several nodes have built.

Each node leaves its part as an OCI layout of its own in a scratch folder; here they become one index, and
that becomes the output that was asked for. buildx refuses such outputs (0.36.1).
"""

from __future__ import annotations

import os
import shutil
import tarfile
from contextlib import suppress
from typing import IO, TYPE_CHECKING, cast

from bake import descriptor as words
from bake import reference
from bake.buildkit import layout
from bake.errors import ExportError
from bake.result import index
from bake.result.registry.copying import copy
from bake.result.registry.layout import LayoutRepository
from bake.solve import Destination

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from bake.buildkit.services.sinks import Sink
    from bake.descriptor import Descriptor
    from bake.solve import Export


class Parts:
    """The parts of one output, in the order of the nodes' platforms; `whole` is what was asked for."""

    def __init__(self, parts: Sequence[Export], whole: Export) -> None:
        self._folders = [part.path or "" for part in parts]
        self._whole = whole

    def gather(self, sink: Callable[[Export], Sink]) -> Descriptor:
        """Make the output; `sink` takes an archive. Raises ExportError, or RegistryError."""
        into = self._whole.path if self._whole.destination is Destination.OCI_LAYOUT else None
        into = into or f"{self._folders[0]}.whole"
        made = self._join(LayoutRepository(into))
        names = [_full(name) for name in self._whole.attrs.get("name", "").split(",") if name]
        described = words.descriptor_to_json(made.descriptor)
        layout.put(into, described, names=names, tags=() if names else ("latest",))
        if self._whole.destination is not Destination.OCI_LAYOUT:
            _archive(into, sink(self._whole))
        return made.descriptor

    def _join(self, target: LayoutRepository) -> index.Combined:
        sources = [_source(folder) for folder in self._folders]
        made = index.combine(sources, index.annotations_of(self._whole.attrs), prefer_index=False)
        seen: set[str] = set()
        for member in made.members:
            copy(LayoutRepository(member.source.name), target, member.descriptor, seen)
        target.write_manifest(made.descriptor, made.data)
        return made


def remove(parts: Iterable[Export]) -> None:
    """Take the scratch folders away."""
    for part in parts:
        for folder in (part.path or "", f"{part.path}.whole"):
            shutil.rmtree(folder, ignore_errors=True)
        with suppress(OSError):
            os.removedirs(os.path.dirname(part.path or ""))


def _full(name: str) -> str:
    """A name as BuildKit writes it, with registry and tag."""
    return str(reference.with_default_tag(reference.normalize(name)))


def _source(folder: str) -> index.Source:
    found = layout.entries(folder)
    if not found:
        raise ExportError("A node exported nothing", detail=f"`{folder}`")
    return index.Source(_bare(found[0]), LayoutRepository(folder), folder)


def _bare(found: Descriptor) -> Descriptor:
    """A part's own name means nothing in the whole."""
    return words.Descriptor(found.media_type, found.digest, found.size, platform=found.platform)


def _archive(folder: str, sink: Sink) -> None:
    """The layout as a tar archive, written in one go."""
    sink.open({})
    try:
        with tarfile.open(fileobj=cast("IO[bytes]", _Writer(sink)), mode="w|", bufsize=1 << 20) as archive:
            for name in ("oci-layout", "index.json", "blobs"):
                archive.add(os.path.join(folder, name), name, filter=_anonymous)
    except BaseException:
        sink.abort()
        raise
    sink.commit()


class _Writer:
    """A sink as a file that can be written."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    def write(self, data: bytes) -> int:
        self._sink.write(data)
        return len(data)


def _anonymous(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """The same content is the same archive."""
    member.uid = member.gid = member.mtime = 0
    member.uname = member.gname = ""
    member.mode = 0o755 if member.isdir() else 0o644
    return member
