"""One image of several: the index that `imagetools create` makes, and a target that several nodes built.

Takes sources (a descriptor and the repository it is in), gives the bytes to push and what has to be copied
for them. The rules are buildx's (Combine of util/imagetools/create.go, 0.36.1): indexes are opened, each
manifest stands once at its first place, and only Docker's manifests together make a manifest list.
"""

from __future__ import annotations

import json
import re
from base64 import b64decode
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from bake import descriptor as words
from bake import platforms
from bake.descriptor import ATTESTATION_OF, ATTESTATION_TYPE, DOCKER_ATTESTATION, Descriptor, Index
from bake.errors import ExportError, UsageError
from bake.platforms import Platform
from bake.record import record
from bake.solve import IMAGE_DESCRIPTOR

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from bake.solve import SolveResult

    class Readable(Protocol):
        """What is asked of a repository."""

        def read(self, wanted: Descriptor) -> bytes: ...

        def referrers(self, digest: str) -> list[Descriptor]: ...


"""The artifact type of attestations that stand beside an index rather than in it."""
NO_PLATFORM = Platform("unknown", "unknown")
KINDS = ("index", "index-descriptor", "manifest", "manifest-descriptor")

_ATTRIBUTE = re.compile(r"annotation(?:-([a-z-]+))?(?:\[([A-Za-z0-9_/-]+)\])?\.(\S+)")
_KIND = re.compile(r"([a-z-]+)(?:\[([A-Za-z0-9_/-]+)\])?")


@record
class Source:
    """A manifest or an index, and where it is; `name` is what messages call the place."""

    descriptor: Descriptor
    repository: Readable
    name: str = ""


@record
class Member:
    """Something to copy before the result is pushed."""

    descriptor: Descriptor
    source: Source


@record
class Combined:
    """The result: `data` under `descriptor`, complete once all `members` are where it goes."""

    data: bytes
    descriptor: Descriptor
    members: tuple[Member, ...]


@record
class Annotation:
    """`kind` is one of KINDS or ""; `platform` limits a manifest's to one."""

    kind: str
    key: str
    value: str
    platform: Platform | None = None


def described(result: SolveResult) -> Descriptor:
    """What the Solve exported. Raises ExportError if BuildKit did not say it."""
    try:
        return words.descriptor_from_json(json.loads(b64decode(result.response[IMAGE_DESCRIPTOR])))
    except (KeyError, ValueError) as exc:
        raise ExportError(
            "BuildKit did not say which image it exported", detail=f"solve `{result.key}`"
        ) from exc


def combine(
    sources: Sequence[Source],
    annotations: Sequence[Annotation] = (),
    wanted: Sequence[Platform] = (),
    *,
    prefer_index: bool = True,
) -> Combined:
    """The image of all `sources`, of `wanted` platforms only if there are any.

    One source is passed on as it is, unless it is a single manifest and `prefer_index` asks for an index.
    Raises UsageError for annotations and platforms that do not fit, ExportError for what is no image.
    """
    read = [_read(source) for source in sources]
    first, data = read[0]
    if len(read) == 1 and not annotations and (first.descriptor.is_index or not prefer_index):
        whole = Combined(data, first.descriptor, (Member(first.descriptor, first),))
        return _of_platforms(whole, wanted, {})
    members = _members(read)
    index = _annotated(_index([one.descriptor for one in members.values()]), annotations)
    data = words.index_to_json(index)
    return _of_platforms(Combined(data, words.describe(index.media_type, data), ()), wanted, members)


def _read(source: Source) -> tuple[Source, bytes]:
    """The source with what its descriptor leaves out: its media type, the platform of a manifest."""
    from bake.result.registry.repository import DOCKER_SCHEMA_1, media_type_of

    data = source.repository.read(source.descriptor)
    found = source.descriptor
    found = found if found.media_type else replace(found, media_type=media_type_of(data))
    if found.media_type == DOCKER_SCHEMA_1:
        raise ExportError("schema1 manifests are not allowed in manifest lists", detail=f"`{found.digest}`")
    if found.media_type in words.MANIFESTS:
        found = replace(found, platform=_platform(source, found, data))
    return replace(source, descriptor=found), data


def _platform(source: Source, found: Descriptor, data: bytes) -> Platform:
    """A manifest does not say for which platform it is; its config does."""
    known = found.platform or Platform("", "")
    if known.os and known.architecture:
        return known
    try:
        config = source.repository.read(words.manifest_from_json(data).config)
        said = platforms.normalize(platforms.from_json(json.loads(config)))
    except (ValueError, AttributeError) as exc:
        raise ExportError("Not an image", detail=f"`{found.digest}`: {exc}") from exc
    if not known.architecture:
        known = replace(known, architecture=said.architecture, variant=known.variant or said.variant)
    return replace(known, os=known.os or said.os)


def _members(read: Iterable[tuple[Source, bytes]]) -> dict[str, Member]:
    """Every manifest once, by its digest, with the last source that has it."""
    found: dict[str, Member] = {}
    for source, data in read:
        listed = _index_in(data).manifests if source.descriptor.is_index else (source.descriptor,)
        for one in listed:
            known = found.get(one.digest)
            found[one.digest] = Member(_merged(known.descriptor, one) if known else one, source)
    return found


def _index_in(data: bytes) -> Index:
    try:
        return words.index_from_json(data)
    except ValueError as exc:
        raise ExportError("Not an image", detail=str(exc)) from exc


def _merged(known: Descriptor, other: Descriptor) -> Descriptor:
    return replace(
        known,
        media_type=known.media_type or other.media_type,
        platform=other.platform or known.platform,
        annotations={**known.annotations, **other.annotations},
    )


def _index(manifests: Sequence[Descriptor]) -> Index:
    dockers = all(one.media_type.startswith("application/vnd.docker.") for one in manifests)
    return Index(tuple(manifests), words.DOCKER_LIST if dockers else words.OCI_INDEX)


def _annotated(index: Index, annotations: Sequence[Annotation]) -> Index:
    """Only OCI indexes have annotations; a manifest list is left as it is, without a word (0.36.1)."""
    if index.media_type != words.OCI_INDEX:
        return index
    for one in annotations:
        if one.kind == "index":
            index = replace(index, annotations={**index.annotations, one.key: one.value})
        elif one.kind == "manifest-descriptor":
            index = replace(index, manifests=tuple(_with(manifest, one) for manifest in index.manifests))
        elif one.kind == "index-descriptor":
            raise UsageError(f'"{one.kind}" annotations are invalid while creating an image')
        else:
            hint = f"annotate the index: index:{one.key}={one.value}"
            raise UsageError(f'"{one.kind}" annotations are not supported yet', hint=hint)
    return index


def _with(manifest: Descriptor, annotation: Annotation) -> Descriptor:
    if annotation.platform and str(annotation.platform) != str(manifest.platform):
        return manifest
    return replace(manifest, annotations={**manifest.annotations, annotation.key: annotation.value})


def _of_platforms(whole: Combined, wanted: Sequence[Platform], members: Mapping[str, Member]) -> Combined:
    """What of `whole` is of a wanted platform, with its attestations, those beside the index too."""
    if not whole.descriptor.is_index:
        return _checked_manifest(whole, wanted)
    index = _index_in(whole.data)
    kept = [one for one in index.manifests if _is_wanted(one, wanted) or _is_about(one, index, wanted)]
    if not kept:
        raise UsageError(
            "none of the manifests match the provided platforms",
            detail=f"there are {_platforms_of(index)}",
        )
    found = tuple(Member(one, _source_of(one, whole, members)) for one in kept)
    attached = _attached(found, index)
    if len(kept) == len(index.manifests) and not attached:
        return replace(whole, members=found)
    data = words.index_to_json(replace(index, manifests=(*kept, *attached)))
    new = words.describe(whole.descriptor.media_type, data, annotations=whole.descriptor.annotations)
    return Combined(data, new, found)


def _platforms_of(index: Index) -> str:
    return ", ".join(sorted({str(one.platform) for one in index.manifests if one.platform}))


def _checked_manifest(whole: Combined, wanted: Sequence[Platform]) -> Combined:
    platform = whole.descriptor.platform
    if platform is None:
        raise UsageError("cannot filter platforms from a manifest without platform information")
    if wanted and not any(platforms.matches(one, platform) for one in wanted):
        raise UsageError(f"input platform {platform} does not match any of the provided platforms")
    return whole


def _source_of(one: Descriptor, whole: Combined, members: Mapping[str, Member]) -> Source:
    return members[one.digest].source if one.digest in members else whole.members[0].source


def _is_wanted(one: Descriptor, wanted: Sequence[Platform]) -> bool:
    platform = one.platform
    return not wanted or platform is None or any(platforms.matches(each, platform) for each in wanted)


def _is_about(one: Descriptor, index: Index, wanted: Sequence[Platform]) -> bool:
    """Whether it is the attestation of a manifest that is wanted."""
    subject = one.annotations.get(ATTESTATION_OF) if one.is_attestation else None
    return any(each.digest == subject and _is_wanted(each, wanted) for each in index.manifests)


def _attached(found: Sequence[Member], index: Index) -> list[Descriptor]:
    """Attestations that a registry keeps beside the index: they are listed in the new one."""
    has = {one.annotations.get(ATTESTATION_OF) for one in index.manifests}
    new = []
    for member in found:
        one = member.descriptor
        if one.is_attestation or one.digest in has:
            continue
        for each in member.source.repository.referrers(one.digest):
            if each.artifact_type == DOCKER_ATTESTATION:
                new.append(_attestation_of(one, each))
                break
    return new


def _attestation_of(subject: Descriptor, attestation: Descriptor) -> Descriptor:
    about = {ATTESTATION_TYPE: "attestation-manifest", ATTESTATION_OF: subject.digest}
    return replace(
        attestation,
        platform=NO_PLATFORM,
        annotations={**attestation.annotations, **about},
        artifact_type="",
    )


def annotations_of(attrs: Mapping[str, str]) -> list[Annotation]:
    """What exporter attributes say of the index and its entries; the rest was said to BuildKit."""
    return [one for one in _attributes(attrs) if one.kind in ("index", "manifest-descriptor")]


def _attributes(attrs: Mapping[str, str]) -> Iterator[Annotation]:
    for name, value in attrs.items():
        found = _ATTRIBUTE.fullmatch(name)
        if found:
            platform = platforms.parse(found[2]) if found[2] else None
            yield Annotation(found[1] or "", found[3], value, platform)


def parse_annotations(texts: Iterable[str]) -> list[Annotation]:
    """`[TYPE[PLATFORM],…:]KEY=VALUE` as `imagetools create` takes it. Raises UsageError."""
    return [one for text in texts if text for one in _annotations(text)]


def _annotations(text: str) -> Iterator[Annotation]:
    written, equals, value = text.partition("=")
    if not equals:
        raise UsageError(f'invalid annotation "{text}", expected key=value')
    kinds, colon, key = written.partition(":")
    if not colon:
        yield Annotation("", written, value)
        return
    for kind in kinds.split(","):
        found = _KIND.fullmatch(kind)
        if found is None or found[1] not in KINDS:
            raise UsageError(
                f'unknown annotation type "{kind}"',
                detail=f"expected one of {', '.join(KINDS)}, with a platform in brackets",
            )
        try:
            platform = platforms.parse(found[2]) if found[2] else None
        except ValueError as exc:
            raise UsageError(f'invalid platform "{found[2]}"', detail=str(exc)) from exc
        yield Annotation(found[1], key, value, platform)
