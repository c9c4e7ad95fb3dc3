from __future__ import annotations

import io
import tarfile

import pytest

from bake.builder import docker_container
from bake.errors import BuilderError
from bake.node import Node


def test_files_stand_in_the_configurations_folder() -> None:
    packed = docker_container.archive({"buildkitd.toml": b"x", "certs/a/ca.pem": b"", "certs/b": b"yy"})
    with tarfile.open(fileobj=io.BytesIO(packed)) as tar:
        found = {one.name: (one.isdir(), one.mode, one.size) for one in tar}
    assert found == {
        "buildkit": (True, 0o755, 0),
        "buildkit/certs": (True, 0o755, 0),
        "buildkit/certs/a": (True, 0o755, 0),
        "buildkit/buildkitd.toml": (False, 0o644, 1),
        "buildkit/certs/a/ca.pem": (False, 0o644, 0),
        "buildkit/certs/b": (False, 0o644, 2),
    }


@pytest.mark.parametrize("name", ["/etc/passwd", "../x", "a/../../x", "a//b", ".", "a/"])
def test_paths_that_leave_the_folder(name: str) -> None:
    with pytest.raises(BuilderError, match="invalid config file path"):
        docker_container.archive({name: b""})


def test_names_are_the_references() -> None:
    node = Node("fred0", "default")
    assert docker_container.container(node) == "buildx_buildkit_fred0"
    assert docker_container.volume(node) == "buildx_buildkit_fred0_state"


def test_loading_by_default_is_an_option() -> None:
    assert "Default load" not in docker_container.features(Node("n", "x"), [])
    node = Node("n", "x", driver_opts={"default-load": "1"})
    assert "Default load" in docker_container.features(node, [])
