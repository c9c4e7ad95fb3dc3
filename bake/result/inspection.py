"""What an image in a registry is: its manifest or index, its images by platform, what attests to them.

Takes a repository and a descriptor, gives documents in the shape of buildx's (util/imagetools/loader.go and
printers.go, 0.36.1), with the fields that a template may use. Attestations are read when asked for.
"""

from __future__ import annotations

import json
import re
from base64 import b64decode
from dataclasses import field
from typing import TYPE_CHECKING, Any

from bake import descriptor as words
from bake import platforms
from bake.errors import ExportError
from bake.gojson import nonempty
from bake.gostruct import Struct, Time
from bake.record import record

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bake.descriptor import Descriptor
    from bake.result.registry.repository import Repository

SUBJECTS = ("com.docker.reference.digest", words.ATTESTATION_OF)
SPDX = "https://spdx.dev/Document"

_DSSE = re.compile(r"application/vnd\.in-toto\..*\+dsse")
_FRACTION = re.compile(r"\.(\d*?)0+(?=Z|[+-])")

_PLATFORM = {"Architecture": "", "OS": "", "OSVersion": "", "OSFeatures": [], "Variant": ""}
_DESCRIPTOR = {
    "MediaType": "",
    "Digest": "",
    "Size": 0,
    "URLs": [],
    "Annotations": {},
    "Data": [],
    "Platform": None,
    "ArtifactType": "",
}
_INDEX = {
    "SchemaVersion": 0,
    "MediaType": "",
    "Digest": "",
    "Size": 0,
    "Manifests": [],
    "Annotations": {},
}
_ROOT = {"Type": "", "DiffIDs": []}
_HISTORY = {"Created": None, "CreatedBy": "", "Author": "", "Comment": "", "EmptyLayer": False}
_CONFIG = {
    "User": "",
    "ExposedPorts": {},
    "Env": [],
    "Entrypoint": [],
    "Cmd": [],
    "Volumes": {},
    "WorkingDir": "",
    "Labels": {},
    "StopSignal": "",
    "ArgsEscaped": False,
}
_IMAGE = {"Created": None, "Author": "", **_PLATFORM, "Config": None, "RootFS": None, "History": []}


@record
class Contents:
    """The manifests behind a descriptor: `images` by platform, and what refers to each digest."""

    repository: Repository
    images: dict[str, words.Manifest] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)
    about: dict[str, list[words.Manifest]] = field(default_factory=dict)


def contents(repository: Repository, found: Descriptor, data: bytes) -> Contents:
    """Read all manifests that `found` (its content is `data`) leads to. Raises ExportError for no image."""
    whole = Contents(repository)
    try:
        _collect(whole, found, data)
    except (ValueError, AttributeError, TypeError) as exc:
        raise ExportError("Not an image", detail=f"`{found.digest}`: {exc}") from exc
    return whole


def _collect(whole: Contents, found: Descriptor, data: bytes) -> None:
    if found.is_index:
        for one in words.index_from_json(data).manifests:
            _collect(whole, one, whole.repository.read(one))
    elif found.media_type in words.MANIFESTS:
        manifest = words.manifest_from_json(data)
        subject = next((found.annotations[name] for name in SUBJECTS if name in found.annotations), None)
        if subject:
            whole.about.setdefault(subject, []).append(manifest)
            return
        platform = found.platform or platforms.from_json(json.loads(whole.repository.read(manifest.config)))
        name = str(platforms.normalize(platform))
        whole.images[name] = manifest
        whole.digests[name] = found.digest


def document(name: str, found: Descriptor, data: bytes, whole: Contents) -> Struct:
    """What `{{json .}}` is of; SBOM and Provenance stand beside it, and are read when a template asks."""
    images = {platform: _image(whole, manifest) for platform, manifest in sorted(whole.images.items())}
    several = len(images) > 1
    image = images if several else next(iter(images.values()), None)
    fields = {"name": name, "manifest": _manifest(found, data), "image": image}
    return Struct(
        nonempty(fields),
        {
            "Name": "",
            "Manifest": None,
            "Image": None,
            "SBOM": lambda: _attested(whole, _sbom, several=several),
            "Provenance": lambda: _attested(whole, _provenance, several=several),
        },
    )


def _manifest(found: Descriptor, data: bytes) -> Struct | None:
    if found.media_type in words.MANIFESTS:
        return _descriptor(words.descriptor_to_json(found))
    if not found.is_index:
        return None
    fields = json.loads(data)
    return _struct(
        {
            "schemaVersion": fields.get("schemaVersion", 0),
            "mediaType": fields.get("mediaType"),
            "digest": found.digest,
            "size": found.size,
            "manifests": [_entry(one) for one in words.index_from_json(data).manifests],
            "annotations": dict(sorted((fields.get("annotations") or {}).items())),
        },
        _INDEX,
        always=("schemaVersion", "digest", "size", "manifests"),
    )


def _entry(one: Descriptor) -> Struct:
    return _descriptor(words.descriptor_to_json(one))


def _descriptor(fields: Mapping[str, Any]) -> Struct:
    platform = fields.get("platform")
    typed = {"platform": Struct(platform, _PLATFORM)} if platform else {}
    return Struct({**fields, **typed}, _DESCRIPTOR)


def _struct(fields: Mapping[str, Any], zeros: Mapping[str, Any], *, always: tuple[str, ...] = ()) -> Struct:
    """`fields` as Go writes them: in this order, empty ones left out."""
    return Struct({key: value for key, value in fields.items() if value or key in always}, zeros)


def _image(whole: Contents, manifest: words.Manifest) -> Struct:
    """An image's configuration, with the fields of the specification only (v1.Image). Raises ExportError."""
    data = whole.repository.read(manifest.config)
    try:
        return _configuration(json.loads(data))
    except (ValueError, AttributeError, TypeError) as exc:
        raise ExportError("Not an image", detail=f"`{manifest.config.digest}`: {exc}") from exc


def _configuration(found: Mapping[str, Any]) -> Struct:
    names = ("author", "architecture", "os", "os.version", "os.features", "variant")
    fields = {
        "created": _time(found.get("created")),
        **{name: found.get(name) for name in names},
        "architecture": found.get("architecture", ""),
        "os": found.get("os", ""),
        "config": _config(found.get("config") or {}),
        "rootfs": _root(found.get("rootfs") or {}),
        "history": [_step(one) for one in found.get("history") or ()],
    }
    return _struct(fields, _IMAGE, always=("architecture", "os", "config", "rootfs"))


def _config(found: Mapping[str, Any]) -> Struct:
    fields = {name: found.get(name) for name in _CONFIG}
    in_order = {
        key: dict(sorted(value.items())) if isinstance(value, dict) else value
        for key, value in fields.items()
    }
    return _struct(in_order, _CONFIG)


def _root(found: Mapping[str, Any]) -> Struct:
    return Struct({"type": found.get("type", ""), "diff_ids": found.get("diff_ids")}, _ROOT)


def _step(found: Mapping[str, Any]) -> Struct:
    names = ("created_by", "author", "comment", "empty_layer")
    return _struct(
        {"created": _time(found.get("created")), **{name: found.get(name) for name in names}}, _HISTORY
    )


def _time(text: str | None) -> Time | None:
    """A time as Go writes it again: without zeros at the end of its fraction."""
    return Time(_FRACTION.sub(lambda found: f".{found[1]}" if found[1] else "", text)) if text else None


def _attested(
    whole: Contents, read: Callable[[Repository, list[words.Manifest]], dict[str, Any]], *, several: bool
) -> dict[str, Any]:
    """By platform, if there are several; what cannot be read of a single one is nothing."""
    found = {}
    for platform, digest in sorted(whole.digests.items()):
        stub = read(whole.repository, whole.about.get(digest, []))
        if stub:
            found[platform] = stub
    return found if several else next(iter(found.values()), {})


def _sbom(repository: Repository, manifests: list[words.Manifest]) -> dict[str, Any]:
    found = _predicates(repository, manifests, lambda kind: kind == SPDX)
    return {"SPDX": found[0], **({"AdditionalSPDXs": found[1:]} if found[1:] else {})} if found else {}


def _provenance(repository: Repository, manifests: list[words.Manifest]) -> dict[str, Any]:
    found = [_predicates(repository, [one], lambda kind: kind.startswith(words.SLSA)) for one in manifests]
    return {"SLSA": [each for each in found if each][-1][0]} if any(found) else {}


def _predicates(
    repository: Repository, manifests: list[words.Manifest], wanted: Callable[[str], bool]
) -> list[Any]:
    """The predicates of in-toto statements of a wanted type. Raises ExportError for what is none."""
    layers = [layer for manifest in manifests for layer in manifest.layers]
    statements = [
        layer for layer in layers if layer.media_type == words.IN_TOTO or _DSSE.fullmatch(layer.media_type)
    ]
    return [
        _predicate(repository.read(layer), layer)
        for layer in statements
        if wanted(layer.annotations.get(words.PREDICATE_TYPE, ""))
    ]


def _predicate(data: bytes, layer: Descriptor) -> Any:
    try:
        statement = json.loads(data)
        if _DSSE.fullmatch(layer.media_type):
            statement = json.loads(b64decode(statement["payload"]))
        return _sorted(statement.get("predicate"))
    except (ValueError, KeyError, AttributeError, TypeError) as exc:
        raise ExportError("Not an attestation", detail=f"`{layer.digest}`: {exc}") from exc


def _sorted(value: Any) -> Any:
    """Go writes what it has no type for with sorted keys."""
    if isinstance(value, dict):
        return {key: _sorted(one) for key, one in sorted(value.items())}
    return [_sorted(one) for one in value] if isinstance(value, list) else value
