"""Registries with a password, through the command: docker's stored credentials, wrong ones, none."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

import pytest

from tests.engine.bakefile import define
from tools.engine.registry import PASSWORD, USER

if TYPE_CHECKING:
    from pathlib import Path

    from tests.commands import Command
    from tools.engine.registry import Registry

INDEX = "application/vnd.oci.image.index.v1+json"


def pair(user: str, password: str) -> str:
    return base64.b64encode(f"{user}:{password}".encode()).decode()


@pytest.fixture
def log_in(home: Path, private_registry: Registry) -> None:
    store(home, private_registry, PASSWORD)


def store(home: Path, registry: Registry, password: str) -> None:
    """Leave what `docker login` leaves."""
    folder = home / "docker"
    folder.mkdir(exist_ok=True)
    auths = {registry.address: {"auth": pair(USER, password)}}
    (folder / "config.json").write_text(json.dumps({"auths": auths}))


@pytest.mark.usefixtures("log_in")
def test_stored_credentials_push_and_pull(project: Path, pybake: Command, private_registry: Registry) -> None:
    name = f"{private_registry.address}/private/app:1"
    define(
        project,
        app={"tags": [name], "output": ["type=registry"]},
        next={"dockerfile": f"FROM {name}\nRUN echo pulled > /pulled\n", "output": ["out"], "pull": True},
    )

    pybake("app").ok()
    pybake("next").ok()

    served = private_registry.get(
        "/v2/private/app/manifests/1", Accept=INDEX, Authorization=f"Basic {pair(USER, PASSWORD)}"
    )
    assert served["manifests"]
    assert (project / "out/pulled").read_text() == "pulled\n"


@pytest.mark.parametrize("wrong", [True, False], ids=["wrong", "none"])
@pytest.mark.parametrize("way", ["push", "pull"])
def test_no_entry_names_the_registry_and_the_next_step(
    project: Path, pybake: Command, home: Path, private_registry: Registry, wrong: bool, way: str
) -> None:
    if wrong:
        store(home, private_registry, "no sesame")
    name = f"{private_registry.address}/private/refused:{way}-{wrong}"
    define(
        project,
        push={"tags": [name], "output": ["type=registry"]},
        pull={"dockerfile": f"FROM {name}\n", "pull": True},
    )

    told = pybake(way)

    assert told.code == 1
    last = told.stderr[told.stderr.rindex("ERROR: ") :]
    assert last.startswith("ERROR: A registry refused; ")
    assert private_registry.address in last
    assert f"`docker login {private_registry.address}`" in last
    assert "no sesame" not in told.stderr


def test_a_registry_that_nobody_runs(project: Path, pybake: Command) -> None:
    define(project, app={"tags": ["127.0.0.1:1/app:1"], "output": ["type=registry"]})

    told = pybake("app")

    assert told.code == 1
    last = told.stderr[told.stderr.rindex("ERROR: ") :]
    assert last.startswith("ERROR: A registry refused; ")
    assert "127.0.0.1:1" in last
    assert "connection refused" in last
