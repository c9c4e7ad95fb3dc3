"""Copying an image from one repository to another, with all it lists and what is attached to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bake.descriptor import DOCKER_ATTESTATION, INDEXES, MANIFESTS
from bake.result.registry.errors import NotFoundError
from bake.result.registry.repository import children

if TYPE_CHECKING:
    from bake.descriptor import Descriptor
    from bake.result.registry.repository import Repository

ATTACHED = frozenset(
    {
        DOCKER_ATTESTATION,
        "application/vnd.dev.cosign.artifact.sig.v1+json",
        "application/vnd.dev.sigstore.bundle.v0.3+json",
    }
)
"""The artifact types that go with an image (util/imagetools/create.go, 0.36.1)."""

JOBS = 4
"""Blobs copied at once."""


def copy(source: Repository, target: Repository, wanted: Descriptor, seen: set[str] | None = None) -> None:
    """Copy `wanted`, deepest content first, so that what is there is always whole; `seen` is done already."""
    seen = set() if seen is None else seen
    if wanted.digest in seen or (source.name == target.name and type(source) is type(target)):
        return
    seen.add(wanted.digest)
    if wanted.media_type not in INDEXES | MANIFESTS:
        _copy_blobs(source, target, [wanted])
        return
    data = source.read(wanted)
    listed = children(wanted, data)
    if wanted.is_index:
        for one in listed:
            copy(source, target, one, seen)
    else:
        new = {one.digest: one for one in listed if one.digest not in seen}
        seen |= set(new)
        _copy_blobs(source, target, [one for one in new.values() if _is_ours_to_copy(one)])
    target.write_manifest(wanted, data)
    for one in _attached(source, wanted):
        copy(source, target, one, seen)


def _is_ours_to_copy(blob: Descriptor) -> bool:
    """Layers that may not be distributed stay where their addresses say."""
    return "nondistributable" not in blob.media_type and ".foreign." not in blob.media_type


def _attached(source: Repository, wanted: Descriptor) -> list[Descriptor]:
    try:
        return [one for one in source.referrers(wanted.digest) if one.artifact_type in ATTACHED]
    except NotFoundError:
        return []


def _copy_blobs(source: Repository, target: Repository, blobs: list[Descriptor]) -> None:
    from concurrent.futures import ThreadPoolExecutor

    def one(blob: Descriptor) -> None:
        target.write_blob(blob, lambda: source.pieces(blob), source)

    with ThreadPoolExecutor(JOBS) as pool:
        list(pool.map(one, blobs))
