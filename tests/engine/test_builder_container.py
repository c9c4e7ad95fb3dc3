"""The `docker-container` driver: a container whose `buildctl dial-stdio` relays to a real BuildKit.

`moby/buildkit` cannot be pulled everywhere; the container, its files, limits and life are real all the same,
and so are the builds.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import sys
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.commands import Command
from tests.engine.bakefile import define
from tests.engine.certificates import Authority
from tools.engine.dockerd import request

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.engine.dockerd import Engine
    from tools.engine.packages import Tools
    from tools.engine.registry import Registry
    from tools.engine.relay import Relay

BUILDCTL = """\
#!/bin/sh
test -z "$BROKEN" || exit 1
case "$1" in
debug) exit 0 ;;
dial-stdio) exec nc 127.0.0.1 "$BUILDKIT_PORT" ;;
esac
"""
BUILDKITD = """\
#!/bin/sh
test -z "$BROKEN" || { echo "it cannot start: $BROKEN"; exit 7; }
echo "flags: $*"
trap 'exit 0' TERM
while :; do sleep 1; done
"""
DOCKERFILE = """\
FROM scratch
ARG TARGETARCH
COPY rootfs/${TARGETARCH}/ /
COPY --chmod=755 buildctl buildkitd /bin/
ENTRYPOINT ["/bin/buildkitd"]
"""
CONTAINER = "buildx_buildkit_box0"


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory, tools: Tools, engine: Engine, registry: Registry) -> str:
    """A stand-in for BuildKit's own image, in the registry."""
    folder = tmp_path_factory.mktemp("image")
    shutil.copytree(tools.rootfs, folder / "rootfs", symlinks=True)
    (folder / "buildctl").write_text(BUILDCTL)
    (folder / "buildkitd").write_text(BUILDKITD)
    (folder / "Dockerfile").write_text(DOCKERFILE)
    name = f"{registry.address}/buildkit:stand-in"
    define(folder, default={"tags": [name], "output": ["type=registry"]})
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "DOCKER_HOST": engine.host}
    Command([str(Path(sys.executable).with_name("pybake"))], environment, folder)().ok()
    return name


@pytest.fixture
def options(project: Path, image: str, relay: Relay) -> str:
    """The driver's options; in the project's folder there is something to bake."""
    define(project, {"default": ["one"]}, one={"output": ["out"]})
    port = relay.endpoint.rpartition(":")[2]
    return f"image={image},network=host,env.BUILDKIT_PORT={port}"


@pytest.fixture
def box(pybake: Command, options: str) -> Iterator[None]:
    """A builder called `box`, which was never started."""
    pybake("create", "--name", "box", "--driver", "docker-container", "--driver-opt", options).ok()
    yield
    pybake("rm", "box")


def ask(engine: Engine, resource: str) -> Any:
    return json.loads(request(engine.socket, resource))


def containers(engine: Engine) -> list[str]:
    return [name for one in ask(engine, "/containers/json?all=1") for name in one["Names"]]


def volumes(engine: Engine) -> list[str]:
    return [one["Name"] for one in ask(engine, "/volumes")["Volumes"] or ()]


@pytest.mark.usefixtures("box")
def test_a_build_starts_it_and_says_so(pybake: Command, project: Path, engine: Engine) -> None:
    assert "inactive" in pybake("ls").ok().stdout
    told = pybake("--builder", "box", "--progress", "plain").ok().stderr
    assert "[internal] booting buildkit" in told
    assert "pulling image" in told
    assert f"creating container {CONTAINER}" in told
    assert 'building with "box" instance using docker-container driver' in told
    assert (project / "out" / "bin" / "sh").exists()
    assert containers(engine) == [f"/{CONTAINER}"]
    assert volumes(engine) == [f"{CONTAINER}_state"]
    again = pybake("--builder", "box", "--progress", "plain").ok().stderr
    assert "booting" not in again


@pytest.mark.usefixtures("box")
def test_stop_start_and_remove(pybake: Command, engine: Engine) -> None:
    pybake("inspect", "--bootstrap", "box").ok()
    pybake("stop", "box").ok()
    assert "stopped" in pybake("ls").ok().stdout
    assert f"starting container {CONTAINER}" in pybake("inspect", "--bootstrap", "box").ok().stderr
    assert pybake("rm", "--keep-state", "box").ok().stderr == "box removed\n"
    assert containers(engine) == []
    assert volumes(engine) == [f"{CONTAINER}_state"]
    request_removal = pybake("rm", "box")
    assert request_removal.code == 1
    assert 'no builder "box" found' in request_removal.stderr


@pytest.mark.usefixtures("box")
def test_either_tool_uses_what_the_other_started(
    pybake: Command, reference: Command, project: Path, engine: Engine
) -> None:
    reference("inspect", "--bootstrap", "box").ok()
    assert reference("ls").ok().stdout == pybake("ls").ok().stdout
    pybake("--builder", "box").ok()
    pybake("stop", "box").ok()
    reference("bake", "--builder", "box").ok()
    assert (project / "out" / "bin" / "sh").exists()
    pybake("rm", "box").ok()
    assert containers(engine) == []
    assert volumes(engine) == []


def test_limits_files_and_flags_reach_the_container(
    pybake: Command, options: str, engine: Engine, tmp_path: Path
) -> None:
    config = tmp_path / "buildkitd.toml"
    config.write_text("debug = true\n")
    limits = "memory=300m,memory-swap=600m,cpu-shares=512,cpu-period=100000,cpu-quota=50000,cpuset-cpus=0"
    more = "restart-policy=on-failure:3,cgroup-parent=/pybake/test,env.HELLO=wide world"
    pybake(
        *("create", "--name", "box", "--driver", "docker-container", "--bootstrap"),
        *("--driver-opt", options, "--driver-opt", limits, "--driver-opt", more),
        *("--buildkitd-config", config, "--buildkitd-flags", "--debug '--oci-worker-net host'"),
    ).ok()
    try:
        found = ask(engine, f"/containers/{CONTAINER}/json")
    finally:
        pybake("rm", "box").ok()
    host = found["HostConfig"]
    assert (host["Memory"], host["MemorySwap"], host["CpuShares"]) == (300 << 20, 600 << 20, 512)
    assert (host["CpuPeriod"], host["CpuQuota"], host["CpusetCpus"]) == (100000, 50000, "0")
    assert (host["Privileged"], host["Init"], host["NetworkMode"]) == (True, True, "host")
    assert host["RestartPolicy"] == {"Name": "on-failure", "MaximumRetryCount": 3}
    assert host["CgroupParent"] == "/pybake/test"
    assert "HELLO=wide world" in found["Config"]["Env"]
    assert found["Args"] == [
        *("--config", "/etc/buildkit/buildkitd.toml", "--debug", "--oci-worker-net host"),
        "--allow-insecure-entitlement=network.host",
    ]


def test_registries_certificates_are_copied_and_named(
    pybake: Command, options: str, engine: Engine, tmp_path: Path
) -> None:
    authority = Authority(tmp_path / "authority")
    config = tmp_path / "buildkitd.toml"
    config.write_text(f'[registry."hub.example:5000"]\nca = ["{authority.cert}"]\n')
    create = ("create", "--name", "box", "--driver", "docker-container", "--bootstrap")
    pybake(*create, "--driver-opt", options, "--buildkitd-config", config).ok()
    try:
        archive = request(engine.socket, f"/containers/{CONTAINER}/archive?path=/etc/buildkit")
    finally:
        pybake("rm", "box").ok()
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        certificate = tar.extractfile("buildkit/certs/hub.example_5000/ca.pem")
        written = tar.extractfile("buildkit/buildkitd.toml")
        assert certificate is not None
        assert written is not None
        assert certificate.read() == authority.cert.read_bytes()
        assert b'ca = ["/etc/buildkit/certs/hub.example_5000/ca.pem"]' in written.read()


def test_a_daemon_that_does_not_start_is_explained_by_its_log(pybake: Command, options: str) -> None:
    broken = f"{options},env.BROKEN=no idea,restart-policy=no"
    created = pybake("create", "--name", "box", "--driver", "docker-container", "--driver-opt", broken)
    created.ok()
    try:
        failed = pybake("inspect", "--bootstrap", "box")
    finally:
        pybake("rm", "box").ok()
    assert failed.code == 1
    assert f"BuildKit does not answer in container {CONTAINER}" in failed.stderr
    assert "it cannot start: no idea" in failed.stderr
    assert f"docker logs {CONTAINER}" in failed.stderr


def test_an_image_that_is_nowhere(pybake: Command, registry: Registry, engine: Engine) -> None:
    image = f"image={registry.address}/never:pushed"
    create = ("create", "--name", "box", "--driver", "docker-container", "--bootstrap")
    failed = pybake(*create, "--driver-opt", image)
    pybake("rm", "box").ok()
    assert failed.code == 1
    assert f"failed to pull image {registry.address}/never:pushed" in failed.stderr
    assert "--driver-opt image=" in failed.stderr
    assert containers(engine) == []


@pytest.mark.usefixtures("box")
def test_what_is_not_running_is_said_with_the_way_to_start_it(pybake: Command) -> None:
    failed = pybake("du", "--builder", "box")
    assert failed.code == 1
    assert "container does not run" in failed.stderr
    assert "pybake inspect --bootstrap" in failed.stderr


@pytest.mark.usefixtures("box")
def test_a_remote_builder_reaches_into_the_container(pybake: Command, project: Path) -> None:
    pybake("inspect", "--bootstrap", "box").ok()
    pybake("create", "--name", "inside", "--driver", "remote", f"docker-container://{CONTAINER}").ok()
    pybake("--builder", "inside").ok()
    assert (project / "out" / "bin" / "sh").exists()
    pybake("stop", "box").ok()
    failed = pybake("--builder", "inside")
    assert "container does not run" in failed.stderr


def test_images_are_loaded_by_default_where_that_is_asked_for(
    pybake: Command, options: str, project: Path, engine: Engine
) -> None:
    define(project, {"default": ["one"]}, one={"tags": ["loaded.example/one:1"]})
    create = ("create", "--name", "box", "--driver", "docker-container", "--use")
    pybake(*create, "--driver-opt", f"{options},default-load=true").ok()
    try:
        pybake().ok()
    finally:
        pybake("rm", "box").ok()
    tags = [tag for one in ask(engine, "/images/json") for tag in one["RepoTags"] or ()]
    assert "loaded.example/one:1" in tags
