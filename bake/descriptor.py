"""OCI content descriptors, manifests and indexes as records, with JSON both ways.

Takes the JSON objects of the OCI image specification (and Docker's older media types), gives frozen
records, and back. Its rule: a key that is empty is not written; keys it does not know do not survive,
so what is only passed on is passed on as bytes.
"""

from __future__ import annotations

import json
from dataclasses import field
from typing import TYPE_CHECKING, Any

from bake import gojson, platforms
from bake.record import record

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bake.platforms import Platform

OCI_INDEX = "application/vnd.oci.image.index.v1+json"
OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_CONFIG = "application/vnd.oci.image.config.v1+json"
OCI_LAYER = "application/vnd.oci.image.layer.v1.tar"
DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_ATTESTATION = "application/vnd.docker.attestation.manifest.v1+json"
IN_TOTO = "application/vnd.in-toto+json"
PREDICATE_TYPE = "in-toto.io/predicate-type"
"""The annotation that says what an attestation states."""
SLSA = "https://slsa.dev/provenance/"
"""How the predicate types of provenance begin."""

INDEXES = frozenset({OCI_INDEX, DOCKER_LIST})
MANIFESTS = frozenset({OCI_MANIFEST, DOCKER_MANIFEST})

REFERENCE_NAME = "org.opencontainers.image.ref.name"
"""The annotation that tags a manifest in an OCI layout's index.json."""
ATTESTATION_TYPE = "vnd.docker.reference.type"
"""The annotation that marks an index entry as an attestation of another entry."""
ATTESTATION_OF = "vnd.docker.reference.digest"


@record
class Descriptor:
    """Content by digest; `size` is in bytes. `data` is the content itself in base64, if it is embedded."""

    media_type: str
    digest: str
    size: int
    annotations: Mapping[str, str] = field(default_factory=dict)
    platform: Platform | None = None
    artifact_type: str = ""
    urls: tuple[str, ...] = ()
    data: str = ""

    @property
    def is_index(self) -> bool:
        return self.media_type in INDEXES

    @property
    def is_attestation(self) -> bool:
        return self.annotations.get(ATTESTATION_TYPE) == "attestation-manifest"


@record
class Index:
    """A list of manifests: an OCI index or a Docker manifest list."""

    manifests: tuple[Descriptor, ...]
    media_type: str = OCI_INDEX
    annotations: Mapping[str, str] = field(default_factory=dict)
    artifact_type: str = ""
    subject: Descriptor | None = None


@record
class Manifest:
    """One image (or artifact): its config and its layers, bottom first."""

    config: Descriptor
    layers: tuple[Descriptor, ...]
    media_type: str = OCI_MANIFEST
    annotations: Mapping[str, str] = field(default_factory=dict)
    artifact_type: str = ""
    subject: Descriptor | None = None


def descriptor_from_json(fields: Mapping[str, Any]) -> Descriptor:
    """A descriptor object as a record. Raises ValueError where it is none."""
    try:
        platform = fields.get("platform")
        return Descriptor(
            media_type=str(fields["mediaType"]),
            digest=str(fields["digest"]),
            size=int(fields["size"]),
            annotations=_annotations(fields),
            platform=platforms.from_json(platform) if platform else None,
            artifact_type=str(fields.get("artifactType") or ""),
            urls=tuple(str(one) for one in fields.get("urls") or ()),
            data=str(fields.get("data") or ""),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as exc:
        raise ValueError(f"not a content descriptor: {exc}") from exc


def descriptor_to_json(descriptor: Descriptor) -> dict[str, Any]:
    """A descriptor as its JSON object, keys in the specification's order."""
    return _without_empty(
        {
            "mediaType": descriptor.media_type,
            "digest": descriptor.digest,
            "size": descriptor.size,
            "urls": list(descriptor.urls),
            "annotations": dict(sorted(descriptor.annotations.items())),
            "data": descriptor.data,
            "platform": platforms.to_json(descriptor.platform) if descriptor.platform else None,
            "artifactType": descriptor.artifact_type,
        }
    )


def index_from_json(data: bytes | str) -> Index:
    """The index in `data`. Raises ValueError where it is none."""
    fields = _object(data)
    manifests = fields.get("manifests")
    if not isinstance(manifests, list):
        raise ValueError("not an image index: it has no manifests")
    return Index(
        tuple(descriptor_from_json(one) for one in manifests),
        str(fields.get("mediaType") or OCI_INDEX),
        _annotations(fields),
        str(fields.get("artifactType") or ""),
        _subject(fields),
    )


def index_to_json(index: Index) -> bytes:
    """The index as it is stored and pushed: as Go writes it with two blanks of indentation."""
    fields = {
        "schemaVersion": 2,
        "mediaType": index.media_type,
        "artifactType": index.artifact_type,
        "manifests": [descriptor_to_json(one) for one in index.manifests],
        "subject": descriptor_to_json(index.subject) if index.subject else None,
        "annotations": dict(sorted(index.annotations.items())),
    }
    kept = {key: value for key, value in fields.items() if value or key == "manifests"}
    return gojson.indented(kept).encode()


def manifest_from_json(data: bytes | str) -> Manifest:
    """The manifest in `data`. Raises ValueError where it is none."""
    fields = _object(data)
    if not isinstance(fields.get("config"), dict) or not isinstance(fields.get("layers"), list):
        raise ValueError("not an image manifest: it has no config and layers")
    return Manifest(
        descriptor_from_json(fields["config"]),
        tuple(descriptor_from_json(one) for one in fields["layers"]),
        str(fields.get("mediaType") or OCI_MANIFEST),
        _annotations(fields),
        str(fields.get("artifactType") or ""),
        _subject(fields),
    )


def manifest_to_json(manifest: Manifest) -> bytes:
    """The manifest as bytes, indented by two blanks."""
    fields = _without_empty(
        {
            "schemaVersion": 2,
            "mediaType": manifest.media_type,
            "artifactType": manifest.artifact_type,
            "config": descriptor_to_json(manifest.config),
            "subject": descriptor_to_json(manifest.subject) if manifest.subject else None,
            "annotations": dict(sorted(manifest.annotations.items())),
        }
    )
    layers = [descriptor_to_json(one) for one in manifest.layers]
    return gojson.indented(fields | {"layers": layers}).encode()


def digest_of(data: bytes) -> str:
    """The sha256 digest of `data`, with its algorithm."""
    from hashlib import sha256  # costs start-up time, and only registries and layouts need it

    return f"sha256:{sha256(data).hexdigest()}"


def describe(media_type: str, data: bytes, **more: Any) -> Descriptor:
    """The descriptor of `data`."""
    return Descriptor(media_type, digest_of(data), len(data), **more)


def _annotations(fields: Mapping[str, Any]) -> dict[str, str]:
    found = fields.get("annotations") or {}
    if not isinstance(found, dict):
        raise ValueError("its annotations are not a JSON object")
    return {key: str(value) for key, value in found.items()}


def _subject(fields: Mapping[str, Any]) -> Descriptor | None:
    subject = fields.get("subject")
    return descriptor_from_json(subject) if subject else None


def _object(data: bytes | str) -> dict[str, Any]:
    try:
        fields = json.loads(data)
    except ValueError as exc:
        raise ValueError(f"not JSON: {exc}") from exc
    if not isinstance(fields, dict):
        raise ValueError("not a JSON object")
    return fields


def _without_empty(fields: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in fields.items() if value not in (None, "", [], {})}
