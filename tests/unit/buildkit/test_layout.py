from __future__ import annotations

import json
import os
import threading
from typing import TYPE_CHECKING, Any

import pytest

from bake.buildkit import layout
from bake.buildkit.content import ContentError, MissingError, Store
from bake.descriptor import OCI_INDEX, OCI_MANIFEST

if TYPE_CHECKING:
    from pathlib import Path


def descriptor(digit: str, **more: Any) -> dict[str, Any]:
    return {"mediaType": OCI_MANIFEST, "digest": f"sha256:{digit * 64}", "size": 7, **more}


def index(path: Path) -> Any:
    return json.loads((path / "index.json").read_text())


def digests(path: Path) -> list[str]:
    return [entry["digest"][7] for entry in index(path)["manifests"]]


def test_a_new_layout(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    layout.put(str(folder), descriptor("1", annotations={"a": "b"}), tags=["latest"])
    assert json.loads((folder / "oci-layout").read_text()) == {"imageLayoutVersion": "1.0.0"}
    assert index(folder) == {
        "schemaVersion": 2,
        "mediaType": OCI_INDEX,
        "manifests": [
            descriptor("1", annotations={"a": "b", "org.opencontainers.image.ref.name": "latest"}),
        ],
    }
    assert sorted(os.listdir(folder)) == ["index.json", "oci-layout"]


def test_the_newest_has_the_tag_and_the_rest_stays(tmp_path: Path) -> None:
    (tmp_path / "index.json").write_text(
        json.dumps({"schemaVersion": 2, "x-more": [1], "manifests": [descriptor("9", **{"x-own": True})]})
    )
    for digit, tag in (("1", "latest"), ("2", "other"), ("3", "latest")):
        layout.put(str(tmp_path), descriptor(digit), tags=[tag])
    assert digests(tmp_path) == ["9", "2", "3"]
    assert index(tmp_path)["x-more"] == [1]
    assert index(tmp_path)["manifests"][0] == descriptor("9", **{"x-own": True})


def test_names_are_entered_with_their_tags(tmp_path: Path) -> None:
    names = ["docker.io/library/app:1", "localhost:5000/app@sha256:abc", "ghcr.io/x/y"]
    layout.put(str(tmp_path), descriptor("1"), names=names)
    assert [entry["annotations"] for entry in index(tmp_path)["manifests"]] == [
        {"io.containerd.image.name": name, "org.opencontainers.image.ref.name": tag}
        for name, tag in zip(names, ["1", "sha256:abc", ""], strict=True)
    ]
    layout.put(str(tmp_path), descriptor("2"), names=names[:1])
    assert digests(tmp_path) == ["1", "1", "2"]


def test_lookup(tmp_path: Path) -> None:
    path = str(tmp_path)
    layout.put(path, descriptor("1"), tags=["latest"])
    layout.put(path, descriptor("2"), names=["docker.io/library/app:latest"])
    found = [layout.find(path), layout.find(path, "docker.io/library/app:latest")]
    assert [one and one.digest[7] for one in found] == ["1", "2"]
    assert layout.find(path, "absent") is None


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"manifests": [{"annotations": {"org.opencontainers.image.ref.name": "latest"}}]}']
)
def test_broken_indexes_are_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "index.json").write_text(text)
    with pytest.raises(ContentError, match=r"index\.json"):
        layout.find(str(tmp_path))


def test_no_index(tmp_path: Path) -> None:
    with pytest.raises(MissingError, match=r"index\.json"):
        layout.find(str(tmp_path / "absent"))


def test_several_writers_take_turns(tmp_path: Path) -> None:
    writers = [
        threading.Thread(target=layout.put, args=(str(tmp_path), descriptor(digit)), kwargs={"tags": [digit]})
        for digit in "0123456789abcdef"
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert sorted(digests(tmp_path)) == list("0123456789abcdef")
    assert sorted(os.listdir(tmp_path)) == ["index.json", "oci-layout"]


def test_a_reset_deletes_what_nothing_leads_to(tmp_path: Path) -> None:
    store = Store(str(tmp_path))
    layer, config, stray = store.put(b"layer"), store.put(b"{}"), store.put(b"stray")
    manifest = store.put(
        json.dumps({"config": {"digest": config}, "layers": [{"digest": layer, "mediaType": "x"}]}).encode()
    )
    nested = json.dumps({"manifests": [{"digest": manifest, "mediaType": OCI_MANIFEST}]}).encode()
    top = store.put(nested)
    layout.put(store.path, {"mediaType": OCI_INDEX, "digest": top, "size": len(nested)}, tags=["latest"])
    layout.reset(store)
    assert {blob.digest for blob in store.blobs()} == {top, manifest, config, layer}
    assert not store.has(stray)


def test_a_reset_without_an_index_deletes_nothing(tmp_path: Path) -> None:
    store = Store(str(tmp_path))
    digest = store.put(b"x")
    with pytest.raises(MissingError):
        layout.reset(store)
    assert store.has(digest)
