from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bake.builder.resolve import all_builders, next_step, resolve
from bake.builder.site import Site
from bake.builder.store import Store
from bake.errors import BuilderError
from bake.host import Host
from bake.node import Builder, Node

if TYPE_CHECKING:
    from pathlib import Path

REMOTE = Builder("far", "remote", (Node("far0", "tcp://h:1"),))


def site(home: Path, *, engine: bool = False, **environment: str) -> Site:
    """What is seen of a machine, which has an engine at the usual place or has not."""
    usual = "/var/run/docker.sock"
    return Site(Host(environment=environment, home=str(home), exists=lambda path: engine and path == usual))


def test_by_default_the_current_contexts_engine(tmp_path: Path) -> None:
    assert resolve(site(tmp_path)) == Builder("default", "docker", (Node("default", "default"),))


def test_by_name_by_variable_and_by_choice(tmp_path: Path) -> None:
    store = Store(site(tmp_path).buildx_folder)
    store.save(REMOTE)
    assert resolve(site(tmp_path), "far") == REMOTE
    assert resolve(site(tmp_path, BUILDX_BUILDER="far")) == REMOTE
    assert resolve(site(tmp_path, BUILDX_BUILDER="far"), "default").driver == "docker"
    store.set_current("unix:///var/run/docker.sock", "far")
    assert resolve(site(tmp_path)) == REMOTE
    assert resolve(site(tmp_path, DOCKER_HOST="tcp://x:1")).name == "default"


def test_all_builders_are_the_stores_and_the_contexts(tmp_path: Path) -> None:
    Store(site(tmp_path).buildx_folder).save(REMOTE)
    assert [one.name for one in all_builders(site(tmp_path))] == ["far", "default"]


def test_who_has_no_engine_is_told_what_pybake_could_start(tmp_path: Path) -> None:
    error = BuilderError("Cannot reach BuildKit", hint="start it")
    docker = Builder("default", "docker", (Node("default", "default"),))

    assert next_step(site(tmp_path), docker, error) == (
        "start it. Or install buildkitd or dockerd: pybake starts either itself"
    )
    assert next_step(site(tmp_path, DOCKER_HOST="unix:///x.sock"), docker, error) == "start it"
    assert next_step(site(tmp_path, engine=True), docker, error) == "start it"
    assert next_step(site(tmp_path), REMOTE, error) == "start it"
    assert next_step(site(tmp_path), docker, BuilderError("Gone")) is None


def test_an_unknown_builder_names_the_known(tmp_path: Path) -> None:
    with pytest.raises(BuilderError, match='no builder "gone" found; there are default'):
        resolve(site(tmp_path), "gone")
