from __future__ import annotations

import json
from base64 import b64encode
from typing import TYPE_CHECKING

import pytest

from bake import descriptor as words
from bake.descriptor import Descriptor, Index, Manifest
from bake.errors import ExportError
from bake.platforms import parse
from bake.result import index
from bake.solve import SolveKey, SolveResult

if TYPE_CHECKING:
    from collections.abc import Callable

AMD = Descriptor(words.OCI_MANIFEST, "sha256:amd", 1, platform=parse("linux/amd64"))
ARM = Descriptor(words.OCI_MANIFEST, "sha256:arm", 1, platform=parse("linux/arm64"))


def shelf(**blobs: bytes) -> Callable[[Descriptor], bytes]:
    return lambda one: blobs[one.digest.removeprefix("sha256:")]


def nothing(one: Descriptor) -> bytes:
    raise AssertionError(f"{one.digest} was fetched for nothing")


def test_indexes_are_flattened_and_each_manifest_stands_once() -> None:
    first = Descriptor(words.OCI_INDEX, "sha256:i1", 1)
    second = Descriptor(words.OCI_INDEX, "sha256:i2", 1)
    fetch = shelf(i1=words.index_to_json(Index((AMD,))), i2=words.index_to_json(Index((ARM, AMD))))
    found = index.join([first, second], fetch, {"k": "v"})
    assert found == Index((AMD, ARM), words.OCI_INDEX, {"k": "v"})


def test_a_bare_manifest_gets_its_platform_from_its_config() -> None:
    config = Descriptor(words.OCI_CONFIG, "sha256:config", 1)
    bare = Descriptor(words.OCI_MANIFEST, "sha256:bare", 1)
    fetch = shelf(
        bare=words.manifest_to_json(Manifest(config, ())), config=b'{"architecture":"arm64","os":"linux"}'
    )
    (found,) = index.join([bare], fetch).manifests
    assert str(found.platform) == "linux/arm64"


@pytest.mark.parametrize(
    ("kinds", "annotations", "expected"),
    [
        ([words.DOCKER_MANIFEST, words.DOCKER_MANIFEST], {}, words.DOCKER_LIST),
        ([words.DOCKER_MANIFEST, words.OCI_MANIFEST], {}, words.OCI_INDEX),
        ([words.DOCKER_MANIFEST], {"k": "v"}, words.OCI_INDEX),
    ],
)
def test_the_kind_of_index(kinds: list[str], annotations: dict[str, str], expected: str) -> None:
    manifests = [Descriptor(kind, f"sha256:{at}", 1, platform=AMD.platform) for at, kind in enumerate(kinds)]
    assert index.join(manifests, nothing, annotations).media_type == expected


def test_what_is_no_image_is_refused() -> None:
    with pytest.raises(ExportError, match=r"`text/plain` is no image"):
        index.join([Descriptor("text/plain", "sha256:x", 1)], nothing)


def test_what_a_solve_exported() -> None:
    response = {index.DESCRIPTOR_KEY: b64encode(json.dumps(words.descriptor_to_json(AMD)).encode()).decode()}
    assert index.described(SolveResult(SolveKey("a@n"), "r", response)) == AMD
    with pytest.raises(ExportError, match="did not say"):
        index.described(SolveResult(SolveKey("a@n"), "r", {}))


def test_annotations_of_the_index() -> None:
    attrs = {"annotation-index.k": "v", "annotation.x": "y", "annotation-index-descriptor.z": "w"}
    assert index.index_annotations(attrs) == {"k": "v"}
