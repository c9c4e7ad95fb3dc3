"""An OCI layout as a repository: what refers to what, and layouts that are damaged."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bake import descriptor as words
from bake.buildkit import layout
from bake.descriptor import Descriptor, Manifest
from bake.errors import ExportError
from bake.result import inspection
from bake.result.registry.errors import RegistryError
from bake.result.registry.layout import LayoutRepository

if TYPE_CHECKING:
    from pathlib import Path

NOBODY = "sha256:" + "0" * 64


def stored(repository: LayoutRepository, media_type: str, data: bytes) -> Descriptor:
    """Content of the layout that its index lists."""
    found = words.describe(media_type, data)
    repository.write_blob(found, lambda: [data], repository)
    layout.put(repository.folder, words.descriptor_to_json(found))
    return found


def test_a_manifest_refers_to_its_subject(tmp_path: Path) -> None:
    repository = LayoutRepository(str(tmp_path))
    config = stored(repository, words.OCI_CONFIG, b"{}")
    about = words.manifest_to_json(Manifest(config, (), subject=config))
    manifest = stored(repository, words.OCI_MANIFEST, about)
    assert [one.digest for one in repository.referrers(config.digest)] == [manifest.digest]
    assert repository.referrers(NOBODY) == []


@pytest.mark.parametrize("data", [b'{"x": 1}', b"[]", b"{"])
def test_a_manifest_that_is_none(tmp_path: Path, data: bytes) -> None:
    repository = LayoutRepository(str(tmp_path))
    stored(repository, words.OCI_MANIFEST, data)
    with pytest.raises(RegistryError, match="Not an image"):
        repository.referrers(NOBODY)


@pytest.mark.parametrize("config", [b"{", b"[1]", b'{"config": 1}'])
def test_a_configuration_that_is_none(tmp_path: Path, config: bytes) -> None:
    repository = LayoutRepository(str(tmp_path))
    described = stored(repository, words.OCI_CONFIG, config)
    data = words.manifest_to_json(Manifest(described, ()))
    manifest = stored(repository, words.OCI_MANIFEST, data)
    with pytest.raises(ExportError, match="Not an image"):
        inspection.document("here", manifest, data, inspection.contents(repository, manifest, data))
