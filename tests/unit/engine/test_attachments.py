from __future__ import annotations

import io
import json
from base64 import b64encode
from typing import TYPE_CHECKING, Any

import pytest

from bake import descriptor
from bake.buildkit import layout
from bake.buildkit.aws import KeyChain
from bake.buildkit.content import Store
from bake.buildkit.credentials import ANONYMOUS
from bake.buildkit.services.sinks import FileSink, StreamSink, TreeSink
from bake.engine.attachments import Attachments, Means, sink
from bake.errors import ExportError, UsageError
from bake.solve import CacheEntry, Destination, Export, Secret, Solve, SolveKey, SolveResult, SSHAgent

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bake.buildkit.credentials import Credentials

CONTENT = "/containerd.services.content.v1.Content/Read"
AUTH = "/moby.filesync.v1.Auth/Credentials"


class Nobody:
    def credentials(self, host: str, scopes: Sequence[str] = ()) -> Credentials:
        assert host or scopes
        return ANONYMOUS


def solve(**fields: Any) -> Solve:
    return Solve(SolveKey("a@n"), "a", "n", **fields)


def result(**response: str) -> SolveResult:
    return SolveResult(
        SolveKey("a@n"), "ref", {key.replace("_", "."): value for key, value in response.items()}
    )


def filled(folder: Path, tag: str = "latest") -> str:
    """A local cache with one manifest; its digest."""
    data = b"{}"
    digest = Store(str(folder)).put(data)
    described = {"mediaType": descriptor.OCI_MANIFEST, "digest": digest, "size": len(data)}
    layout.put(str(folder), described, tags=[tag])
    return digest


def test_nothing_is_served_that_is_not_named() -> None:
    assert Attachments(solve(), Means(credentials=Nobody())).methods == {}


def test_a_session_of_its_own_also_says_who_we_are() -> None:
    served = Attachments(solve(secrets=(Secret("x", env="X"),)), Means(credentials=Nobody())).methods
    assert AUTH in served


def test_a_local_cache_is_read_by_its_digest(tmp_path: Path) -> None:
    digest = filled(tmp_path)
    attached = Attachments(solve(cache_imports=(CacheEntry("local", {"src": str(tmp_path)}),)), Means())
    assert attached.solve.cache_imports[0].attrs == {"src": str(tmp_path), "digest": digest}
    assert CONTENT in attached.methods
    assert attached.notes == []


@pytest.mark.parametrize("tag", ["latest", "other"])
def test_a_local_cache_that_is_not_there_is_a_warning(tmp_path: Path, tag: str) -> None:
    if tag == "other":
        filled(tmp_path)
    entry = CacheEntry("local", {"src": str(tmp_path), "tag": tag})
    attached = Attachments(solve(cache_imports=(entry, CacheEntry("registry", {"ref": "r"}))), Means())
    assert attached.solve.cache_imports == (CacheEntry("registry", {"ref": "r"}),)
    (note,) = attached.notes
    assert note.warning
    assert str(tmp_path) in note.text


def test_a_manifest_that_is_gone_is_a_warning(tmp_path: Path) -> None:
    Store(str(tmp_path)).delete(filled(tmp_path))
    attached = Attachments(solve(cache_imports=(CacheEntry("local", {"src": str(tmp_path)}),)), Means())
    assert attached.solve.cache_imports == ()
    assert "is not in it" in attached.notes[0].text


def test_the_index_of_a_local_cache_is_written_afterwards(tmp_path: Path) -> None:
    digest = Store(str(tmp_path)).put(b"{}")
    manifest = json.dumps({"mediaType": descriptor.OCI_MANIFEST, "digest": digest, "size": 2})
    entry = CacheEntry("local", {"dest": str(tmp_path), "tag": "v1"})
    Attachments(solve(cache_exports=(entry,)), Means()).finish(result(cache_manifest=manifest))
    found = layout.find(str(tmp_path), "v1")
    assert found is not None
    assert found.digest == digest


def test_a_layout_gets_the_names_of_its_image(tmp_path: Path) -> None:
    export = Export("oci", {"tar": "false"}, Destination.OCI_LAYOUT, str(tmp_path))
    attached = Attachments(solve(exports=(export,)), Means())
    assert CONTENT in attached.methods
    described = {"mediaType": descriptor.OCI_MANIFEST, "digest": "sha256:" + "a" * 64, "size": 2}
    encoded = b64encode(json.dumps(described).encode()).decode()
    attached.finish(result(containerimage_descriptor=encoded, image_name="docker.io/library/x:1"))
    assert layout.find(str(tmp_path), "docker.io/library/x:1") is not None
    assert layout.find(str(tmp_path), "1") is not None


def test_a_layout_without_names_is_the_latest(tmp_path: Path) -> None:
    export = Export("oci", {"tar": "false"}, Destination.OCI_LAYOUT, str(tmp_path))
    attached = Attachments(solve(exports=(export,)), Means())
    described = {"mediaType": descriptor.OCI_MANIFEST, "digest": "sha256:" + "a" * 64, "size": 2}
    attached.finish(result(containerimage_descriptor=b64encode(json.dumps(described).encode()).decode()))
    assert layout.find(str(tmp_path)) is not None
    with pytest.raises(ExportError, match="did not say what it exported"):
        attached.finish(result())


def test_sinks(tmp_path: Path) -> None:
    means = Means(stdout=io.BytesIO(), load=lambda context: FileSink(f"loaded {context}"))
    assert sink(Export("moby"), means) is None
    assert isinstance(sink(Export("tar", {}, Destination.FILE, str(tmp_path / "x")), means), FileSink)
    assert isinstance(sink(Export("tar", {}, Destination.STDOUT), means), StreamSink)
    assert isinstance(sink(Export("docker", {}, Destination.LOAD, context="far"), means), FileSink)
    tree = sink(Export("local", {}, Destination.DIRECTORY, str(tmp_path), clean=True), means)
    assert isinstance(tree, TreeSink)
    assert tree.clean


def test_without_means_there_is_no_place_to_write_to() -> None:
    with pytest.raises(ExportError, match="There is no standard output"):
        sink(Export("tar", {}, Destination.STDOUT), Means())
    with pytest.raises(ExportError, match="No engine to load images into"):
        sink(Export("docker", {}, Destination.LOAD), Means())


def test_agents_that_cannot_be_used_are_told_before_the_build() -> None:
    with pytest.raises(UsageError):
        Attachments(solve(ssh=(SSHAgent("default"),)), Means())


def test_caches_of_services_get_their_credentials_here_and_nowhere_before() -> None:
    asked = solve(cache_imports=(CacheEntry("gha"), CacheEntry("s3")), cache_exports=(CacheEntry("gha"),))
    github = {"ACTIONS_RUNTIME_TOKEN": "s3cret", "ACTIONS_RESULTS_URL": "u"}
    keys = KeyChain({"AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "s3cret"}, "/nowhere")

    attached = Attachments(asked, Means(github, keys=keys))

    gha, s3 = attached.solve.cache_imports
    assert attached.solve.cache_exports == (gha,)
    assert (gha.attrs["token"], s3.attrs["secret_access_key"]) == ("s3cret", "s3cret")
    assert "s3cret" not in f"{asked!r} {attached.solve!r}"
    assert attached.notes == []


def test_a_cache_that_cannot_be_used_is_noted_once() -> None:
    asked = solve(cache_imports=(CacheEntry("gha"),), cache_exports=(CacheEntry("gha"),))
    attached = Attachments(asked, Means())

    assert (attached.solve.cache_imports, attached.solve.cache_exports) == ((), ())
    assert len(attached.notes) == 1


@pytest.mark.parametrize("finished", [False, True])
def test_blobs_of_a_layout_stay_only_if_it_was_finished(tmp_path: Path, finished: bool) -> None:
    folder = tmp_path / "layout"
    export = Export("oci", {}, Destination.OCI_LAYOUT, str(folder))
    attached = Attachments(solve(exports=(export,)), Means())
    data = b"{}"
    digest = attached._stores["export"].put(data)
    if finished:
        described = {"mediaType": descriptor.OCI_MANIFEST, "digest": digest, "size": len(data)}
        encoded = b64encode(json.dumps(described).encode()).decode()
        attached.finish(result(containerimage_descriptor=encoded))
    attached.close()
    assert folder.exists() == finished
    assert Store(str(folder)).has(digest) == finished
