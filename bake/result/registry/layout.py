"""An OCI layout as a repository. What refers to a manifest stands in its index, by name or by subject.

The rules are buildx's (util/imagetools/inspect.go and ocilayout_referrers.go, 0.36.1).
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from bake import descriptor as words
from bake.buildkit import layout
from bake.buildkit.content import ExistsError, MissingError, Store
from bake.descriptor import Descriptor
from bake.result.registry.errors import NotFoundError
from bake.result.registry.repository import checked, children, manifest_in, media_type_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bake.result.registry.repository import Repository
    from bake.result.registry.transport import Opener

SUBJECT = "io.containerd.manifest.subject"


class LayoutRepository:
    """The layout in `folder`, which is made when something is written."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self._store = Store(folder)

    @property
    def name(self) -> str:
        return self.folder

    def resolve(self, tag_or_digest: str) -> Descriptor:
        if ":" in tag_or_digest:
            try:
                data = b"".join(self._store.read(tag_or_digest))
            except MissingError as exc:
                raise self._missing(tag_or_digest) from exc
            return Descriptor(media_type_of(data), tag_or_digest, len(data))
        found = layout.find(self.folder, tag_or_digest)
        if found is None:
            raise self._missing(tag_or_digest)
        return found

    def read(self, wanted: Descriptor) -> bytes:
        return checked(b"".join(self.pieces(wanted)), wanted.digest)

    def pieces(self, wanted: Descriptor) -> Iterable[bytes]:
        try:
            yield from self._store.read(wanted.digest)
        except MissingError as exc:
            raise self._missing(wanted.digest) from exc

    def has(self, wanted: Descriptor) -> bool:
        return self._store.has(wanted.digest)

    def write_blob(self, wanted: Descriptor, open_content: Opener, origin: Repository) -> None:  # noqa: ARG002
        if self.has(wanted):
            return
        os.makedirs(self.folder, exist_ok=True)
        try:
            with self._store.write(wanted.digest, total=wanted.size, expected=wanted.digest) as writer:
                writer.restart()
                for piece in open_content():
                    writer.append(piece)
                writer.commit(wanted.digest, wanted.size)
        except ExistsError:
            pass

    def write_manifest(self, wanted: Descriptor, data: bytes, tag: str = "") -> None:
        self.write_blob(wanted, lambda: [data], self)
        if tag:
            layout.put(self.folder, words.descriptor_to_json(wanted), tags=[tag])

    def referrers(self, digest: str) -> list[Descriptor]:
        """What any entry of the index leads to and is about `digest`."""
        found: dict[str, Descriptor] = {}
        seen: set[str] = set()
        waiting = layout.entries(self.folder)
        while waiting:
            one = waiting.pop()
            if one.digest in seen:
                continue
            seen.add(one.digest)
            if digest in (one.annotations.get(SUBJECT), one.annotations.get(words.ATTESTATION_OF)):
                found[one.digest] = one
            if one.media_type == words.OCI_INDEX:
                waiting += children(one, self.read(one))
            elif one.media_type == words.OCI_MANIFEST:
                subject = manifest_in(one, self.read(one)).subject
                if subject and subject.digest == digest:
                    found[one.digest] = one
        return list(found.values())

    def _missing(self, wanted: str) -> NotFoundError:
        joiner = "@" if ":" in wanted else ":"
        return NotFoundError(f"oci-layout://{self.folder}{joiner}{wanted}: not found")
