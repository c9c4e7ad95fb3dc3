"""What a place for images can do, and what all such places share."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Protocol

from bake import descriptor as words
from bake.result.registry.errors import RegistryError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bake.descriptor import Descriptor
    from bake.result.registry.transport import Opener

LARGEST_MANIFEST = 8 << 20
"""Bytes; containerd and registries refuse larger ones too."""

DOCKER_SCHEMA_1 = "application/vnd.docker.distribution.manifest.v1+prettyjws"


class Repository(Protocol):
    """One repository of a registry, or one OCI layout. Methods raise `RegistryError`s."""

    @property
    def name(self) -> str:
        """What messages call it."""

    def resolve(self, tag_or_digest: str) -> Descriptor:
        """What it has under a name. Raises NotFoundError."""

    def read(self, wanted: Descriptor) -> bytes:
        """A manifest, an index or another small blob; its digest has been checked."""

    def pieces(self, wanted: Descriptor) -> Iterable[bytes]:
        """A blob as it comes; its digest has been checked at the end."""

    def has(self, wanted: Descriptor) -> bool: ...

    def write_blob(self, wanted: Descriptor, open_content: Opener, origin: Repository) -> None:
        """Store a blob that `origin` has too."""

    def write_manifest(self, wanted: Descriptor, data: bytes, tag: str = "") -> None:
        """Store a manifest or an index, under a tag if one is given."""

    def referrers(self, digest: str) -> list[Descriptor]:
        """The manifests that are about the one with this digest."""


def media_type_of(data: bytes) -> str:
    """What a manifest is that does not say so (util/imagetools/create.go, detectMediaType)."""
    try:
        fields: Any = json.loads(data)
    except ValueError:
        fields = None
    if not isinstance(fields, dict):
        raise RegistryError("Not an image", detail="what was found is no JSON object")
    if fields.get("mediaType"):
        return str(fields["mediaType"])
    if fields.get("config") is not None:
        return words.DOCKER_MANIFEST
    return DOCKER_SCHEMA_1 if fields.get("fsLayers") else words.DOCKER_LIST


def children(wanted: Descriptor, data: bytes) -> list[Descriptor]:
    """What the manifest or index in `data` lists. Raises RegistryError where it is neither."""
    if not wanted.is_index:
        manifest = manifest_in(wanted, data)
        return [manifest.config, *manifest.layers]
    try:
        return list(words.index_from_json(data).manifests)
    except ValueError as exc:
        raise _no_image(wanted, exc) from exc


def manifest_in(wanted: Descriptor, data: bytes) -> words.Manifest:
    """The manifest in `data`. Raises RegistryError where it is none."""
    try:
        return words.manifest_from_json(data)
    except ValueError as exc:
        raise _no_image(wanted, exc) from exc


def _no_image(wanted: Descriptor, why: ValueError) -> RegistryError:
    return RegistryError("Not an image", detail=f"`{wanted.digest}`: {why}")


def checked(data: bytes, digest: str) -> bytes:
    """`data` itself. Raises RegistryError if it is not what the digest says."""
    import hashlib

    algorithm, _, encoded = digest.partition(":")
    if hashlib.new(algorithm, data).hexdigest() != encoded:
        raise RegistryError("Content is not what its digest says", detail=f"`{digest}`")
    return data
