"""Real engines and registries, one of each per test process; a test that needs another starts its own.

A machine that cannot run them fails these tests: it never skips them.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.commands import Command
from tools.engine import emulation
from tools.engine.dockerd import Engine
from tools.engine.packages import Tools, obtain
from tools.engine.registry import Registry
from tools.engine.relay import Relay

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

BASE = """\
FROM scratch
ARG TARGETARCH
COPY rootfs/${TARGETARCH}/ /
"""


@pytest.fixture(scope="session")
def tools() -> Tools:
    """The programs of an engine, with the second platform emulated."""
    found = obtain()
    emulation.ensure(found)
    return found


@pytest.fixture(scope="session")
def engine(tools: Tools) -> Iterator[Engine]:
    """A Docker Engine with the containerd image store."""
    with Engine(tools) as running:
        running.hold_base()
        yield running


@pytest.fixture(scope="session")
def second_engine(tools: Tools) -> Iterator[Engine]:
    """Another engine beside the first."""
    with Engine(tools) as running:
        running.hold_base()
        yield running


@pytest.fixture(scope="session")
def relay(second_engine: Engine) -> Iterator[Relay]:
    """The second engine's BuildKit on a loopback port, as a `remote` builder's endpoint."""
    with Relay(second_engine.socket) as running:
        yield running


@pytest.fixture(scope="session")
def registry(tools: Tools) -> Iterator[Registry]:
    """A registry that anybody may push to."""
    with Registry(tools) as running:
        yield running


@pytest.fixture(scope="session")
def private_registry(tools: Tools) -> Iterator[Registry]:
    """A registry that asks for `registry.USER` and `registry.PASSWORD`."""
    with Registry(tools, auth=True) as running:
        yield running


@pytest.fixture
def environment(environment: Mapping[str, str], engine: Engine) -> Mapping[str, str]:
    """The clean environment, with the engine as the one that `docker` would talk to."""
    return {**environment, "DOCKER_HOST": engine.host}


@pytest.fixture
def reference(environment: Mapping[str, str], tools: Tools, project: Path) -> Command:
    """The reference, `docker-buildx` from Debian, in the project's folder."""
    return Command([tools.program("docker-buildx")], environment, project)


@pytest.fixture
def project(tmp_path: Path, tools: Tools) -> Path:
    """A folder with a busybox root file system per architecture and a Dockerfile that makes it an image.

    It is `tmp_path`, the folder that `pybake` runs in.
    """
    shutil.copytree(tools.rootfs, tmp_path / "rootfs", symlinks=True)
    (tmp_path / "Dockerfile").write_text(BASE)
    return tmp_path
