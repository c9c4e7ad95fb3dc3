"""Images in registries: looking at one, and making one of several.

Takes words of the command line and a `Host`, gives documents and text's parts; nothing is printed here.
Rules and messages are those of buildx's imagetools (0.36.1).
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import field, replace
from typing import TYPE_CHECKING, Any

from bake import descriptor as words
from bake import platforms
from bake.api.steps import step
from bake.errors import ExportError, UsageError, reason
from bake.record import record
from bake.reference import check_digest
from bake.result import index, inspection, metadata
from bake.result.registry import location as locations
from bake.result.registry.copying import copy
from bake.result.registry.images import Images
from bake.solve import IMAGE_DESCRIPTOR

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bake.api.steps import Say
    from bake.descriptor import Descriptor
    from bake.gostruct import Struct
    from bake.host import Host
    from bake.progress import Emit
    from bake.result.index import Combined
    from bake.result.registry.location import Location


@contextmanager
def connected(host: Host, builder: str = "") -> Iterator[Images]:
    """Registries as a builder's configuration has them, with this person's credentials.

    Raises BuilderError for an unknown builder.
    """
    from bake.builder.resolve import resolve
    from bake.builder.site import Site
    from bake.buildkit.credentials import DockerCredentials
    from bake.result.registry.hosts import settings_of
    from bake.result.registry.transport import Transport

    site = Site(host)
    nodes = resolve(site, builder).nodes
    images = Images(
        DockerCredentials(site.folder, host.environment),
        settings_of(nodes[0].files if nodes else {}),
        Transport(host.environment),
        host.working_directory,
    )
    try:
        yield images
    finally:
        images.close()


@record
class Inspected:
    """An image that was found: `raw` is its manifest or index, as it was pushed."""

    name: str
    location: Location
    descriptor: Descriptor
    raw: bytes

    @property
    def manifests(self) -> tuple[Descriptor, ...]:
        """What an index lists; nothing for a manifest. Raises ExportError."""
        if not self.descriptor.is_index:
            return ()
        try:
            return words.index_from_json(self.raw).manifests
        except ValueError as exc:
            raise ExportError("Not an image", detail=f"{self.location}: {exc}") from exc


def inspect(images: Images, name: str) -> Inspected:
    """The image `name`. Raises UsageError for no name, RegistryError for no image."""
    place, found = images.find(name)
    return Inspected(name, place, found, images.at(place).read(found))


def document(images: Images, image: Inspected) -> Struct:
    """All of an image that a template may ask for."""
    repository = images.at(image.location)
    whole = inspection.contents(repository, image.descriptor, image.raw)
    return inspection.document(image.name, image.descriptor, image.raw, whole)


@record
class Wanted:
    """What to create: `sources` and the contents of `files` are references, digests or descriptors."""

    sources: Sequence[str] = ()
    files: Sequence[str] = ()
    tags: Sequence[str] = ()
    annotations: Sequence[str] = ()
    platforms: Sequence[str] = ()
    append: bool = False
    prefer_index: bool = True
    dry_run: bool = False


@record
class _Part:
    """A source as it was written: a place, a descriptor, or both."""

    text: str
    place: Location | None = None
    fields: dict[str, Any] = field(default_factory=dict)


def compose(images: Images, wanted: Wanted) -> Combined:
    """Read the sources, and make one image of them. Raises UsageError, RegistryError or ExportError."""
    if not wanted.sources and not wanted.files:
        raise UsageError("no sources specified")
    if not wanted.dry_run and not wanted.tags:
        raise UsageError("can't push with no tags specified, please set --tag or --dry-run")
    texts = [*(wanted.tags[:1] if wanted.append else ()), *map(_content, wanted.files), *wanted.sources]
    tags = [locations.parse(tag) for tag in wanted.tags]
    parts = _placed([_part(text) for text in texts], tags)
    annotations = index.parse_annotations(wanted.annotations)
    chosen = [_platform(one) for text in wanted.platforms for one in text.split(",")]
    sources = [_source(images, part) for part in parts]
    return index.combine(sources, annotations, chosen, prefer_index=wanted.prefer_index)


def push(images: Images, made: Combined, tags: Sequence[str], emit: Emit) -> None:
    """Copy what `made` lists to the repositories of `tags`, then push it under each. Raises RegistryError."""
    by_repository: dict[str, list[Location]] = {}
    for tag in map(locations.parse, tags):
        by_repository.setdefault(tag.name, []).append(tag)
    for name, places in by_repository.items():
        with step(f"[internal] pushing {name}", emit) as say:
            _push(images, made, places, say)


def _push(images: Images, made: Combined, places: Sequence[Location], say: Say) -> None:
    target = images.at(places[0])
    seen: set[str] = set()
    for member in made.members:
        say(f"copying {member.descriptor.digest} from {member.source.name} to {places[0].name}")
        copy(images.at(locations.parse(member.source.name)), target, member.descriptor, seen)
    for place in places:
        say(f"pushing {made.descriptor.digest} to {place}")
        if place.digest and place.digest != made.descriptor.digest:
            raise UsageError(
                f"target {place} requested digest {place.digest} but produced {made.descriptor.digest}"
            )
        target.write_manifest(made.descriptor, made.data, place.tag)


def write_metadata(path: str, made: Combined, tags: Sequence[str]) -> None:
    """Write `--metadata-file`, whole or not at all. Raises ExportError."""
    names = sorted({locations.parse(tag).name for tag in tags})
    fields = {IMAGE_DESCRIPTOR: words.descriptor_to_json(made.descriptor), "image.name": ",".join(names)}
    metadata.write(path, fields)


def _content(path: str) -> str:
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except (OSError, ValueError) as exc:
        raise UsageError("Cannot read a source", detail=f"`{path}`: {reason(exc)}") from exc


def _part(text: str) -> _Part:
    """A digest, a reference, or a descriptor in JSON. Raises UsageError."""
    try:
        return _Part(text, fields={"digest": check_digest(text)})
    except ValueError as exc:
        if text.startswith("sha256"):
            raise _bad_source(text, str(exc)) from exc
    try:
        return _Part(text, locations.parse(text))
    except UsageError as exc:
        if not text.lstrip().startswith("{"):
            raise _bad_source(text, exc.detail) from exc
    return _Part(text, fields=_descriptor(text))


def _descriptor(text: str) -> dict[str, Any]:
    try:
        fields = json.loads(text)
        if fields.get("schemaVersion"):
            version = fields["schemaVersion"]
            raise ValueError(
                f"expected an OCI content descriptor, got a manifest or index (schemaVersion {version})"
            )
        if not fields.get("digest"):
            raise ValueError("invalid descriptor: digest is required")
        check_digest(str(fields["digest"]))
        words.descriptor_from_json({"mediaType": "", "size": 0, **fields})
    except (ValueError, AttributeError) as exc:
        raise _bad_source(text, str(exc)) from exc
    return dict(fields)


def _bad_source(text: str, why: str) -> UsageError:
    return UsageError(
        f"failed to parse source {json.dumps(text)}, valid sources are digests, references and descriptors",
        detail=why,
    )


def _platform(text: str) -> platforms.Platform:
    try:
        return platforms.parse(text)
    except ValueError as exc:
        raise UsageError(f'invalid platform "{text}"', detail=str(exc)) from exc


def _placed(parts: Sequence[_Part], tags: Sequence[Location]) -> list[_Part]:
    """Digests and descriptors get the one repository that is meant. Raises UsageError for several."""
    places = [part.place for part in parts if part.place]
    names = {place.name for place in (*places, *tags)}
    if not names:
        raise UsageError("no repositories specified, please set a reference in tag or source")
    default = [*places, *tags][0] if len(names) == 1 else None
    placed = []
    for part in parts:
        if part.place is None and default is None:
            raise UsageError(
                f"multiple repositories specified, cannot infer repository for {json.dumps(part.text)}"
            )
        placed.append(part if part.place or default is None else replace(part, place=_default(default, part)))
    return placed


def _default(place: Location, part: _Part) -> Location:
    return place.at(part.fields["digest"]) if set(part.fields) == {"digest"} else place.untagged()


def _source(images: Images, part: _Part) -> index.Source:
    """What stands there, changed by what a descriptor says otherwise (mergeDesc of commands/imagetools)."""
    place = part.place or locations.parse(part.text)
    repository = images.at(place)
    wanted = part.fields.get("digest") or place.object
    found = repository.resolve(wanted)
    fields = part.fields
    if fields.get("size") and fields["size"] != found.size:
        raise UsageError(f"invalid size mismatch for {found.digest}, {fields['size']} != {found.size}")
    given = words.descriptor_from_json({"mediaType": "", "size": 0, "digest": found.digest, **fields})
    merged = replace(
        found,
        media_type=given.media_type or found.media_type,
        annotations=given.annotations or found.annotations,
        platform=given.platform or found.platform,
    )
    return index.Source(merged, repository, str(place))
