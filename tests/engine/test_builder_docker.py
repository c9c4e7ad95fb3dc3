"""The `docker` driver: both image stores, and docker contexts over TLS and ssh."""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.engine.bakefile import BOTH, define
from tests.engine.certificates import Authority, Pair
from tests.engine.secured import Secured
from tools.engine.dockerd import Engine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.commands import Command
    from tools.engine.packages import Tools

SSH = """\
#!{python}
import os, socket, sys, threading
assert sys.argv[-3:] == ["docker", "system", "dial-stdio"], sys.argv
near = socket.socket(socket.AF_UNIX)
near.connect({socket!r})
def out():
    while data := os.read(0, 65536):
        near.sendall(data)
    near.shutdown(socket.SHUT_WR)
threading.Thread(target=out, daemon=True).start()
while data := near.recv(65536):
    os.write(1, data)
"""


@pytest.fixture(scope="module")
def old_engine(tools: Tools) -> Iterator[Engine]:
    """An engine that keeps images as engines did before containerd's store."""
    old = {"features": {"containerd-snapshotter": False}, "storage-driver": "vfs"}
    with Engine(tools, old) as running:
        yield running


CANNOT: list[tuple[dict[str, Any], str]] = [
    ({"platforms": BOTH}, "Multi-platform build is not supported for the docker driver"),
    ({"output": ["type=oci,dest=x.tar"]}, "OCI exporter is not supported for the docker driver"),
    ({"output": ["type=docker,dest=x.tar"]}, "Docker exporter is not supported for the docker driver"),
    ({"cache-to": ["type=local,dest=x"]}, "Cache export is not supported for the docker driver"),
    ({"attest": ["type=sbom"]}, "Attestation is not supported for the docker driver"),
]


def test_what_the_old_image_store_cannot_do_is_said_before_building(
    pybake: Command, reference: Command, project: Path, old_engine: Engine
) -> None:
    there = {"DOCKER_HOST": old_engine.host}
    for fields, told in CANNOT:
        define(project, default=fields)
        failed = pybake(**there)
        assert (failed.code, told in failed.stderr) == (1, True), fields
        assert "turn on the engine's containerd image store" in failed.stderr
        assert "building with" not in failed.stderr
        assert not (project / "x.tar").exists()
        assert told in reference("bake", **there).stderr, fields
        (project / "x.tar").unlink(missing_ok=True)  # the reference opens it before it refuses


def test_what_it_can_do_works(pybake: Command, project: Path, old_engine: Engine) -> None:
    here = pybake.where(DOCKER_HOST=old_engine.host)
    define(
        project,
        {"default": ["image", "files"]},
        image={"tags": ["old.example/image:1"]},
        files={"output": ["out"], "cache-to": ["type=inline"]},
    )
    here().ok()
    assert (project / "out" / "bin" / "sh").exists()
    told = " ".join(here("inspect", "--debug").ok().stdout.split())
    features = told.partition("Features: ")[2].partition(" Labels:")[0]
    assert features.count(": false") == 6
    assert "Automatically load images to the Docker Engine image store: true" in features


def add_context(pybake: Command, name: str, host: str, files: dict[str, Path] | None = None) -> None:
    """A docker context, as `docker context create` writes it."""
    digest = hashlib.sha256(name.encode()).hexdigest()
    folder = Path(pybake.environment["DOCKER_CONFIG"]) / "contexts"
    meta = {"Name": name, "Metadata": {}, "Endpoints": {"docker": {"Host": host, "SkipTLSVerify": False}}}
    (folder / "meta" / digest).mkdir(parents=True)
    (folder / "meta" / digest / "meta.json").write_text(json.dumps(meta))
    for file, source in (files or {}).items():
        place = folder / "tls" / digest / "docker"
        place.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, place / file)


def in_context(command: Command, name: str) -> Command:
    return command.where(DOCKER_HOST="", DOCKER_CONTEXT=name)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "authority")


def identity(authority: Authority, pair: Pair) -> dict[str, Path]:
    return {"ca.pem": authority.cert, "cert.pem": pair.cert, "key.pem": pair.key}


def test_a_context_over_tls(
    pybake: Command, reference: Command, project: Path, engine: Engine, authority: Authority
) -> None:
    define(project, default={"output": ["out"]})
    with Secured(engine.host, authority.sign("server"), authority) as server:
        add_context(pybake, "safe", server.endpoint, identity(authority, authority.sign("client")))
        here = in_context(pybake, "safe")
        here().ok()
        assert (project / "out" / "bin" / "sh").exists()
        here("create", "--name", "box").ok()
        assert here("ls").ok().stdout == in_context(reference, "safe")("ls").ok().stdout
        assert "inactive" in here("inspect", "box").ok().stdout
        assert here("rm", "box").ok().stderr == "box removed\n"


def test_a_context_whose_certificates_are_refused(
    pybake: Command, project: Path, engine: Engine, authority: Authority
) -> None:
    define(project, default={"output": ["out"]})
    with Secured(engine.host, authority.sign("server"), authority) as server:
        add_context(pybake, "late", server.endpoint, identity(authority, authority.sign("old", expired=True)))
        add_context(pybake, "nobody", server.endpoint, {"ca.pem": authority.cert})
        late, nobody = in_context(pybake, "late")(), in_context(pybake, "nobody")()
    assert (late.code, nobody.code) == (1, 1)
    assert "our certificate has expired" in late.stderr
    assert "wants a client's certificate" in nobody.stderr
    assert not (project / "out").exists()


def test_a_context_over_ssh(pybake: Command, project: Path, tmp_path: Path, engine: Engine) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    ssh = programs / "ssh"
    ssh.write_text(SSH.format(python=sys.executable, socket=str(engine.socket)))
    ssh.chmod(0o755)
    add_context(pybake, "distant", "ssh://me@engine.example")
    path = f"{programs}:{pybake.environment['PATH']}"
    here = in_context(pybake, "distant").where(PATH=path)
    define(project, default={"output": ["out"]})
    here().ok()
    assert (project / "out" / "bin" / "sh").exists()
    assert "running" in here("ls").ok().stdout
    here("create", "--name", "box", "distant").ok()
    assert here("rm", "box").ok().stderr == "box removed\n"


def test_a_builder_needs_a_context_for_certificates_of_the_environment(
    pybake: Command, authority: Authority
) -> None:
    pair = authority.sign("client")
    folder = authority.folder / "own"
    folder.mkdir()
    for name, source in identity(authority, pair).items():
        shutil.copy(source, folder / name)
    secured = {"DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": str(folder)}
    failed = pybake("create", "--driver", "docker-container", **secured)
    assert failed.code == 1
    assert "could not create a builder instance with TLS data loaded from environment" in failed.stderr
    assert "docker context create" in failed.stderr
