from __future__ import annotations

import json

import pytest

from bake import descriptor
from bake.descriptor import Descriptor, Index, Manifest
from bake.platforms import Platform

CONFIG = Descriptor(descriptor.OCI_CONFIG, "sha256:c", 3)


def test_a_descriptor_keeps_what_it_knows_and_writes_nothing_empty() -> None:
    fields = {
        "mediaType": descriptor.OCI_MANIFEST,
        "digest": "sha256:a",
        "size": 7,
        "annotations": {"k": "v"},
        "platform": {"architecture": "arm", "os": "linux", "variant": "v7"},
    }
    found = descriptor.descriptor_from_json({**fields, "unknown": 1})
    assert found.platform == Platform("linux", "arm", "v7")
    assert descriptor.descriptor_to_json(found) == fields


@pytest.mark.parametrize("fields", [{}, {"mediaType": "x", "digest": "d", "size": "big"}])
def test_what_is_no_descriptor_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="not a content descriptor"):
        descriptor.descriptor_from_json(fields)


def test_index_both_ways() -> None:
    index = Index((Descriptor(descriptor.OCI_MANIFEST, "sha256:a", 1),), annotations={"k": "v"})
    assert descriptor.index_from_json(descriptor.index_to_json(index)) == index
    assert json.loads(descriptor.index_to_json(index))["schemaVersion"] == 2


def test_manifest_both_ways() -> None:
    manifest = Manifest(CONFIG, (Descriptor(descriptor.OCI_LAYER, "sha256:l", 9),), subject=CONFIG)
    assert descriptor.manifest_from_json(descriptor.manifest_to_json(manifest)) == manifest


def test_a_manifest_without_layers_keeps_the_list() -> None:
    written = json.loads(descriptor.manifest_to_json(Manifest(CONFIG, ())))
    assert written["layers"] == []


@pytest.mark.parametrize(
    "data", [b"{", b"[]", b"{}", b'{"manifests": [{}]}', b'{"manifests": [], "annotations": [1]}']
)
def test_what_is_no_index_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"not"):
        descriptor.index_from_json(data)


def test_describe_counts_and_hashes() -> None:
    found = descriptor.describe(descriptor.OCI_CONFIG, b"{}")
    assert found.size == 2
    assert found.digest == "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
