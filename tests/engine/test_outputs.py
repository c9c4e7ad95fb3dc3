"""Every kind of output, made by a real engine from a real plan."""

from __future__ import annotations

import io
import json
import tarfile
from typing import TYPE_CHECKING

import pytest

from bake.buildkit import layout
from bake.errors import BuilderError, DefinitionError
from bake.result import metadata
from tests.engine.baking import Baker, image, target

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.commands import Command
    from tools.engine.registry import Registry
    from tools.engine.relay import Relay

BOTH = ("linux/amd64", "linux/arm64")


@pytest.fixture
def baker(environment: Mapping[str, str], project: Path) -> Baker:
    return Baker(environment, project)


def test_a_target_without_output_is_in_the_engine(baker: Baker) -> None:
    (found,) = baker.results(target(tags=("outputs/plain:1", "outputs/plain:2"))).values()
    inspected = image(baker.environment, "outputs/plain:1")
    assert inspected["Id"] == found.response["containerimage.digest"]
    assert set(inspected["RepoTags"]) == {"outputs/plain:1", "outputs/plain:2"}
    assert "containerimage.config.digest" not in found.response


def test_a_cacheonly_target_is_not(baker: Baker) -> None:
    baker.results(target(tags=("outputs/none:1",), output=("type=cacheonly",)))
    with pytest.raises(BuilderError, match="404"):
        image(baker.environment, "outputs/none:1")


def test_several_outputs_at_once(baker: Baker, project: Path) -> None:
    baker.results(
        target(
            tags=("outputs/several:1",),
            output=(
                "out",
                "type=tar,dest=app.tar",
                "type=oci,dest=new/oci.tar",
                "type=docker,dest=docker.tar",
            ),
        )
    )
    assert (project / "out" / "bin" / "busybox").is_file()
    with tarfile.open(project / "app.tar") as tree:
        assert "bin/busybox" in tree.getnames()
    with tarfile.open(project / "new" / "oci.tar") as archive:
        index = json.load(archive.extractfile("index.json"))  # type: ignore[arg-type]
    assert index["manifests"][0]["annotations"]["io.containerd.image.name"] == "docker.io/outputs/several:1"
    with tarfile.open(project / "docker.tar") as archive:
        (manifest,) = json.load(archive.extractfile("manifest.json"))  # type: ignore[arg-type]
    assert manifest["RepoTags"] == ["outputs/several:1"]


def test_an_image_as_a_layout(baker: Baker, project: Path) -> None:
    (found,) = baker.results(
        target(tags=("outputs/layout:1",), output=("type=oci,tar=false,dest=lay",), platforms=BOTH)
    ).values()
    by_name = layout.find(str(project / "lay"), "docker.io/outputs/layout:1")
    assert by_name is not None
    assert by_name.digest == found.response["containerimage.digest"]


def test_an_archive_on_standard_output(baker: Baker) -> None:
    baker.stdout = io.BytesIO()
    baker.results(target(output=("-",)))
    baker.stdout.seek(0)
    with tarfile.open(fileobj=baker.stdout) as tree:
        assert "bin/busybox" in tree.getnames()


def test_a_folder_is_added_to_and_an_engine_that_cannot_clean_it_leaves_it_alone(
    baker: Baker, project: Path
) -> None:
    (project / "Small").write_text("FROM scratch\nCOPY Dockerfile /only\n")
    (project / "out").mkdir()
    (project / "out" / "old").write_text("")
    baker.results(target(dockerfile="Small", output=("type=local,dest=out",)))
    assert sorted(one.name for one in (project / "out").iterdir()) == ["old", "only"]
    outcome = baker.bake(target(dockerfile="Small", output=("type=local,dest=out,mode=delete",)))
    assert "needs a newer BuildKit" in str(outcome.errors["app"])
    assert sorted(one.name for one in (project / "out").iterdir()) == ["old", "only"]


def test_two_platforms_in_one_folder(baker: Baker, project: Path) -> None:
    baker.results(target(output=("out",), platforms=BOTH))
    assert {one.name for one in (project / "out").iterdir()} == {"linux_amd64", "linux_arm64"}


def test_pushing_an_index(baker: Baker, registry: Registry) -> None:
    name = f"{registry.address}/pushed/app"
    (found,) = baker.results(
        target(
            tags=(f"{name}:1", f"{name}:2"),
            output=("type=registry",),
            platforms=BOTH,
            annotations=("index:k=v",),
        )
    ).values()
    index = registry.get("/v2/pushed/app/manifests/2", Accept=found_type(found.response))
    assert index["annotations"] == {"k": "v"}
    built = [one["platform"] for one in index["manifests"] if one["platform"]["os"] != "unknown"]
    assert [one["architecture"] for one in built] == ["amd64", "arm64"]


def found_type(response: Mapping[str, str]) -> str:
    return str(metadata.opened(response)["containerimage.descriptor"]["mediaType"])


def test_loading_from_another_builder(baker: Baker, relay: Relay) -> None:
    from bake.builder.store import Store
    from bake.node import Builder, Node

    Store(baker.environment["BUILDX_CONFIG"]).save(
        Builder("far", "remote", (Node("far0", relay.endpoint, driver_opts={"default-load": "true"}),))
    )
    baker.builder = "far"
    (found,) = baker.results(target(tags=("outputs/loaded:1",))).values()
    assert image(baker.environment, "outputs/loaded:1")["Id"] == found.response["containerimage.digest"]


def test_a_failed_build_leaves_the_former_output(baker: Baker, project: Path) -> None:
    (project / "out.tar").write_text("former")
    (project / "Broken").write_text("FROM scratch\nCOPY gone /\n")
    outcome = baker.bake(target(dockerfile="Broken", output=("type=tar,dest=out.tar",)))
    assert "gone" in str(outcome.errors["app"])
    assert (project / "out.tar").read_text() == "former"


def test_metadata_has_the_keys_of_the_reference(baker: Baker, project: Path, reference: Command) -> None:
    fields = {"tags": ["outputs/meta:1"], "platforms": list(BOTH)}
    (project / "docker-bake.json").write_text(json.dumps({"target": {"app": fields}}))
    reference("bake", "app", "--metadata-file", "meta.json").ok()
    theirs = json.loads((project / "meta.json").read_text())["app"]
    (found,) = baker.results(target(tags=("outputs/meta:1",), platforms=BOTH)).values()
    ours = metadata.document({"app": found.response})["app"]
    of_the_client = {key for key in theirs if key.startswith("buildx.")}
    assert set(ours) == set(theirs) - of_the_client - {"containerimage.config.digest"}
    assert ours["image.name"] == theirs["image.name"]


def test_what_cannot_be_written_is_found_before_the_build(baker: Baker, project: Path) -> None:
    (project / "f").write_text("")
    with pytest.raises(DefinitionError, match="The destination folder is a file"):
        baker.bake(target(output=("type=local,dest=f",)))
