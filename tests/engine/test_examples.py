"""Every example that can be built is built: its base images are stood in for by a busybox, its compiler by a
script, for no public registry can be reached from a test."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tools.engine import machine

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.commands import Command
    from tools.engine.dockerd import Engine
    from tools.engine.registry import Registry
    from tools.engine.relay import Relay

EXAMPLES = Path(__file__).parents[2] / "examples"
BASES = ("alpine:3.22", "golang:1.25-alpine", "nginx:1.28-alpine", "nginx:1.29-alpine")
COMPILER = """
COPY <<E /usr/local/bin/go
#!/bin/sh
while [ "\\$1" != -o ]; do shift; done
mkdir -p "\\${2%/*}"
echo "\\$GOOS/\\$GOARCH" > "\\$2"
E
RUN chmod +x /usr/local/bin/go
"""
MACHINES = {"amd64": "x86_64", "arm64": "aarch64"}


@pytest.fixture
def example(pybake: Command, project: Path, registry: Registry) -> Callable[[str], Command]:
    """pybake in a copy of an example, with stand-ins for its base images."""
    base = f"{registry.address}/stand-in:latest"
    text = (project / "Dockerfile").read_text() + COMPILER
    (project / "Dockerfile").write_text(text)
    platforms = "--platform=linux/amd64,linux/arm64"
    pybake("build", "--push", "--tag", base, platforms, ".").ok()
    stand_ins = [f"--set=*.contexts.{name}=docker-image://{base}" for name in BASES]

    def copy(name: str) -> Command:
        folder = project / "examples" / name
        shutil.copytree(EXAMPLES / name, folder)
        return pybake.runs(*pybake.words, "bake", *stand_ins).at(folder).where(REGISTRY=registry.address)

    return copy


def read(command: Command, path: str) -> str:
    return (command.folder / path).read_text().strip()


def test_emulation(example: Callable[[str], Command]) -> None:
    bake = example("emulation")
    bake().ok()
    assert {name: read(bake, f"out/linux_{name}/machine") for name in MACHINES} == MACHINES


def test_cross_compilation(example: Callable[[str], Command]) -> None:
    bake = example("cross")
    bake().ok()
    compiled = {path.parent.name: path.read_text().strip() for path in bake.folder.glob("out/*/hello")}
    assert compiled == {f"linux_{name}": f"linux/{name}" for name in ("amd64", "arm64", "riscv64")}


def test_cross_compilation_to_an_index(example: Callable[[str], Command], pybake: Command) -> None:
    bake = example("cross")
    bake("image", "--push", "--provenance=false").ok()
    raw = pybake("imagetools", "inspect", "--raw", f"{bake.environment['REGISTRY']}/hello:latest").ok().stdout
    built = [one["platform"]["architecture"] for one in json.loads(raw)["manifests"]]
    assert built == ["amd64", "arm64", "riscv64"]


def test_native_nodes(
    example: Callable[[str], Command], pybake: Command, engine: Engine, relay: Relay
) -> None:
    """The second node has to emulate here; what counts is where the platforms go, and one index."""
    bake = example("native-nodes")
    with_first = f"linux/{machine.architecture()}"
    from tools.engine.relay import Relay as AnotherRelay

    with AnotherRelay(engine.socket) as first:
        create = ("create", "--name", "farm", "--driver", "remote", "--platform")
        pybake(*create, with_first, first.endpoint).ok()
        other = next(f"linux/{name}" for name in MACHINES if name != machine.architecture())
        pybake("create", "--name", "farm", "--append", "--platform", other, relay.endpoint).ok()
        bake("--builder", "farm", "--push", "--provenance=false", "--metadata-file", "m.json").ok()
    name = f"{bake.environment['REGISTRY']}/native:latest"
    raw = json.loads(pybake("imagetools", "inspect", "--raw", name).ok().stdout)
    assert [one["platform"]["architecture"] for one in raw["manifests"]] == ["amd64", "arm64"]
    digest = json.loads(read(bake, "m.json"))["default"]["containerimage.digest"]
    assert digest in pybake("imagetools", "inspect", name).ok().stdout


def test_matrix(example: Callable[[str], Command]) -> None:
    bake = example("matrix")
    bake("--set=*.output=type=local,dest=out", "--metadata-file=m.json", "app-1-29-*").ok()
    assert sorted(json.loads(read(bake, "m.json"))) == ["app-1-29-debug", "app-1-29-prod"]
    assert read(bake, "out/linux_arm64/etc/greeting") == "Hello."


def test_monorepo(example: Callable[[str], Command]) -> None:
    bake = example("monorepo")
    bake().ok()
    found = sorted(str(path.relative_to(bake.folder / "out")) for path in bake.folder.glob("out/*/*"))
    assert found == ["api/schema.json", "web/index.html", "web/schema.json"]


@pytest.mark.parametrize("kind", ["registry", "local"])
def test_caches(example: Callable[[str], Command], pybake: Command, kind: str) -> None:
    bake = example("cache").where(CACHE=kind)
    bake("--push").ok()
    pybake("prune", "--all", "--force").ok()
    again = bake("--push", "--progress=plain").ok()
    assert "RUN sort /requirements > /installed\n" in again.stderr
    assert "importing cache manifest" in again.stderr
    assert again.stderr.count("CACHED") >= 2
