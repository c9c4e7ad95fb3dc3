"""A registry that answers 500 or 429, or resets the connection, in the middle of a push or a pull."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.engine.bakefile import ROOT, define, word
from tools.engine.faulty import RESET, Fault, FaultyRegistry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.commands import Command
    from tools.engine.registry import Registry

BUILDKITS_OWN = 4
"""How often BuildKit itself asks a registry that answers 5xx or breaks off (util/resolver/retryhandler); for
429 it is more (containerd's docker.request)."""


@pytest.fixture
def faulty(registry: Registry) -> Iterator[FaultyRegistry]:
    with FaultyRegistry(registry.address) as proxy:
        yield proxy


def push(project: Path, registry: FaultyRegistry) -> str:
    """A target that is pushed; gives its repository."""
    name = word()
    image = {"dockerfile": f"{ROOT}RUN echo {name} >/made\n", "tags": [f"{registry.address}/{name}"]}
    define(project, {"default": ["app", "files"]}, app={**image, "output": ["type=registry"]}, files=files())
    return name


def files() -> dict[str, list[str]]:
    return {"output": ["out"]}


FAULTS = {
    "429": Fault("PUT .*/manifests/latest", 429, times=7),
    "500": Fault("PUT .*/manifests/latest", 500, times=9),
    "reset": Fault("(PUT|PATCH) .*/blobs/", RESET, times=4 * BUILDKITS_OWN),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_push_is_tried_again(
    project: Path, pybake: Command, faulty: FaultyRegistry, registry: Registry, fault: str
) -> None:
    name = push(project, faulty)
    chosen = FAULTS[fault]
    faulty.faults.append(Fault(chosen.pattern, chosen.status, chosen.times))

    told = pybake("--retries=5", "--progress=plain").ok()

    assert faulty.faults[0].times == 0
    assert "`app` is tried again in" in told.stderr
    assert "attempt 2 of 6: A registry refused; failed to push" in told.stderr
    assert registry.get(f"/v2/{name}/tags/list")["tags"] == ["latest"]
    assert told.stderr.count("`files` is tried again") == 0


@pytest.mark.parametrize("fault", ["429", "500"])
def test_without_retries_it_fails_clearly(
    project: Path, pybake: Command, faulty: FaultyRegistry, fault: str
) -> None:
    push(project, faulty)
    faulty.faults.append(Fault("PUT .*/manifests/", FAULTS[fault].status, times=None))

    told = pybake("--keep-going", "--metadata-file=facts.json")

    assert told.code == 2
    assert "ERROR: A registry refused; target `app`: failed to push" in told.stderr
    assert fault in told.stderr
    assert list(json.loads((project / "facts.json").read_text())) == ["files"]

    faulty.faults.clear()
    pybake().ok()


def test_retries_end(project: Path, pybake: Command, faulty: FaultyRegistry) -> None:
    push(project, faulty)
    faulty.faults.append(Fault("PUT .*/manifests/", 429, times=None))

    told = pybake("app", "--retries=2", "--progress=plain")

    assert told.code == 1
    assert told.stderr.count("is tried again") == 2
    assert sum("/manifests/" in one and one.startswith("PUT") for one in faulty.requests) >= 3


def test_a_refusal_is_not_tried_again(project: Path, pybake: Command, private_registry: Registry) -> None:
    define(
        project,
        app={"tags": [f"{private_registry.address}/{word()}"], "output": ["type=registry"]},
    )
    told = pybake("app", "--retries=3", "--progress=plain")
    assert told.code == 1
    assert "is tried again" not in told.stderr
    assert "docker login" in told.stderr


def test_a_failing_step_is_not_tried_again(project: Path, pybake: Command) -> None:
    define(project, app={"dockerfile": f"{ROOT}RUN exit 3\n"})
    told = pybake("app", "--retries=3", "--progress=plain")
    assert told.code == 1
    assert "is tried again" not in told.stderr
