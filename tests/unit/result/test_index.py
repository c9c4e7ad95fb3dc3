"""Indexes made of sources: order, duplicates, kinds, annotations, platforms, attestations."""

from __future__ import annotations

import json
from base64 import b64encode
from dataclasses import dataclass, field, replace

import pytest

from bake import descriptor as words
from bake.descriptor import Descriptor, Index, Manifest
from bake.errors import ExportError, UsageError
from bake.platforms import Platform, parse
from bake.result import index
from bake.result.index import Annotation, Source
from bake.solve import IMAGE_DESCRIPTOR, SolveKey, SolveResult


@dataclass
class Shelf:
    """A repository of blobs."""

    blobs: dict[str, bytes] = field(default_factory=dict)
    about: dict[str, list[Descriptor]] = field(default_factory=dict)

    def read(self, wanted: Descriptor) -> bytes:
        return self.blobs[wanted.digest]

    def referrers(self, digest: str) -> list[Descriptor]:
        return self.about.get(digest, [])

    def put(self, media_type: str, data: bytes) -> Descriptor:
        found = words.describe(media_type, data)
        self.blobs[found.digest] = data
        return found

    def image(self, platform: str, media_type: str = words.OCI_MANIFEST) -> Descriptor:
        """A manifest whose config names a platform; its own descriptor does not."""
        system, architecture, *variant = platform.split("/")
        config = {"os": system, "architecture": architecture, **({"variant": variant[0]} if variant else {})}
        described = self.put(words.OCI_CONFIG, json.dumps(config).encode())
        return self.put(media_type, words.manifest_to_json(Manifest(described, (), media_type)))

    def index(self, *manifests: Descriptor) -> Source:
        return self.source(self.put(words.OCI_INDEX, words.index_to_json(Index(manifests))))

    def source(self, found: Descriptor) -> Source:
        return Source(found, self, "here")


def on(manifest: Descriptor, platform: str) -> Descriptor:
    return replace(manifest, platform=parse(platform))


def attestation(of: Descriptor) -> Descriptor:
    about = {words.ATTESTATION_TYPE: "attestation-manifest", words.ATTESTATION_OF: of.digest}
    digest = words.digest_of(of.digest.encode())
    return Descriptor(words.OCI_MANIFEST, digest, 9, about, Platform("unknown", "unknown"))


def platforms_in(made: index.Combined) -> list[str]:
    return [str(one.platform) for one in words.index_from_json(made.data).manifests]


def test_indexes_are_opened_and_each_manifest_stands_once_at_its_first_place() -> None:
    shelf = Shelf()
    amd, arm = on(shelf.image("linux/amd64"), "linux/amd64"), on(shelf.image("linux/arm64"), "linux/arm64")
    made = index.combine([shelf.index(amd), shelf.index(arm, replace(amd, annotations={"k": "v"}))])
    assert words.index_from_json(made.data).manifests == (replace(amd, annotations={"k": "v"}), arm)
    assert made.descriptor == words.describe(words.OCI_INDEX, made.data)
    assert [one.descriptor.digest for one in made.members] == [amd.digest, arm.digest]


def test_a_bare_manifest_gets_its_platform_from_its_config() -> None:
    shelf = Shelf()
    images = [shelf.source(shelf.image(one)) for one in ("linux/arm64/v8", "linux/arm/v6")]
    assert platforms_in(index.combine(images)) == ["linux/arm64", "linux/arm/v6"]


def test_one_source_is_passed_on_as_it_is() -> None:
    shelf = Shelf()
    source = shelf.index(on(shelf.image("linux/amd64"), "linux/amd64"))
    assert index.combine([source]).data == shelf.blobs[source.descriptor.digest]
    image = shelf.source(shelf.image("linux/amd64"))
    assert index.combine([image], prefer_index=False).data == shelf.blobs[image.descriptor.digest]
    assert platforms_in(index.combine([image])) == ["linux/amd64"]


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        ([words.DOCKER_MANIFEST, words.DOCKER_MANIFEST], words.DOCKER_LIST),
        ([words.DOCKER_MANIFEST, words.OCI_MANIFEST], words.OCI_INDEX),
    ],
)
def test_only_dockers_manifests_make_a_list_of_dockers(kinds: list[str], expected: str) -> None:
    shelf = Shelf()
    made = index.combine([shelf.source(shelf.image(f"linux/{at}", kind)) for at, kind in enumerate(kinds)])
    assert made.descriptor.media_type == expected


def test_annotations_of_the_index_and_of_its_entries() -> None:
    shelf = Shelf()
    source = shelf.index(*(on(shelf.image(one), one) for one in ("linux/amd64", "linux/arm64")))
    said = [
        Annotation("index", "a", "1"),
        Annotation("manifest-descriptor", "b", "2"),
        Annotation("manifest-descriptor", "c", "3", parse("linux/arm64")),
    ]
    made = words.index_from_json(index.combine([source], said).data)
    assert made.annotations == {"a": "1"}
    assert [one.annotations for one in made.manifests] == [{"b": "2"}, {"b": "2", "c": "3"}]


@pytest.mark.parametrize("kind", ["", "manifest", "index-descriptor"])
def test_annotations_that_an_index_cannot_hold(kind: str) -> None:
    shelf = Shelf()
    source = shelf.index(on(shelf.image("linux/amd64"), "linux/amd64"))
    with pytest.raises(UsageError, match=f'^"{kind}" annotations are'):
        index.combine([source], [Annotation(kind, "k", "v")])


def test_platforms_keep_their_attestations() -> None:
    shelf = Shelf()
    amd, arm = on(shelf.image("linux/amd64"), "linux/amd64"), on(shelf.image("linux/arm64"), "linux/arm64")
    source = shelf.index(amd, arm, attestation(amd), attestation(arm))
    made = index.combine([source], wanted=[parse("linux/arm64")])
    assert words.index_from_json(made.data).manifests == (arm, attestation(arm))
    with pytest.raises(UsageError, match="none of the manifests match"):
        index.combine([source], wanted=[parse("linux/s390x")])


def test_all_platforms_leave_the_bytes_alone() -> None:
    shelf = Shelf()
    source = shelf.index(on(shelf.image("linux/amd64"), "linux/amd64"))
    shelf.blobs[source.descriptor.digest] += b"\n"
    assert index.combine([source], wanted=[parse("linux/amd64")]).data.endswith(b"\n")


def test_attestations_beside_an_image_come_into_the_index() -> None:
    shelf = Shelf()
    amd = on(shelf.image("linux/amd64"), "linux/amd64")
    beside = Descriptor(words.OCI_MANIFEST, words.digest_of(b"x"), 1, artifact_type=words.DOCKER_ATTESTATION)
    other = replace(beside, digest=words.digest_of(b"y"), artifact_type="something/else")
    shelf.about[amd.digest] = [other, beside]
    made = words.index_from_json(index.combine([shelf.index(amd)]).data)
    assert [one.digest for one in made.manifests] == [amd.digest, beside.digest]
    assert made.manifests[1].is_attestation
    assert made.manifests[1].annotations[words.ATTESTATION_OF] == amd.digest


def test_what_is_no_image_is_refused() -> None:
    shelf = Shelf()
    with pytest.raises(ExportError, match="Not an image"):
        index.combine([shelf.source(shelf.put(words.OCI_INDEX, b"[]"))])
    with pytest.raises(ExportError, match="Not an image"):
        index.combine([shelf.source(shelf.put(words.OCI_MANIFEST, b"{}"))])


def test_what_a_solve_exported() -> None:
    found = Descriptor(words.OCI_MANIFEST, "sha256:amd", 1, platform=parse("linux/amd64"))
    text = b64encode(json.dumps(words.descriptor_to_json(found)).encode()).decode()
    assert index.described(SolveResult(SolveKey("a@n"), "r", {IMAGE_DESCRIPTOR: text})) == found
    with pytest.raises(ExportError, match="did not say"):
        index.described(SolveResult(SolveKey("a@n"), "r", {}))


def test_annotations_among_exporter_attributes() -> None:
    attrs = {
        "annotation-index.k": "v",
        "annotation.x": "y",
        "annotation-index-descriptor.z": "w",
        "annotation-manifest-descriptor[linux/arm64].a.b": "c",
        "push": "true",
    }
    assert index.annotations_of(attrs) == [
        Annotation("index", "k", "v"),
        Annotation("manifest-descriptor", "a.b", "c", parse("linux/arm64")),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a=b", [Annotation("", "a", "b")]),
        ("index:a=b=c", [Annotation("index", "a", "b=c")]),
        ("index,manifest:a=", [Annotation("index", "a", ""), Annotation("manifest", "a", "")]),
        ("manifest[linux/arm64]:a=b", [Annotation("manifest", "a", "b", parse("linux/arm64"))]),
    ],
)
def test_annotations_as_they_are_typed(text: str, expected: list[Annotation]) -> None:
    assert index.parse_annotations([text]) == expected


@pytest.mark.parametrize("text", ["a", "nope:a=b", "index[linux:a=b", "manifest[no/such/one/at/all]:a=b"])
def test_annotations_that_are_none(text: str) -> None:
    with pytest.raises(UsageError):
        index.parse_annotations([text])
