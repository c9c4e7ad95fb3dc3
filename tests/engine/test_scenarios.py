"""Builds of many kinds, each made by pybake and by the reference in the same world: the facts are equal.

The names of the whole table are held unique, so that each failing test names its row.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.engine.scenarios.attestations import SCENARIOS as ATTESTATIONS
from tests.engine.scenarios.builds import SCENARIOS as BUILDS
from tests.engine.scenarios.calls import SCENARIOS as CALLS
from tests.engine.scenarios.combined import SCENARIOS as COMBINED
from tests.engine.scenarios.contexts import SCENARIOS as CONTEXTS
from tests.engine.scenarios.facts import flat
from tests.engine.scenarios.failures import SCENARIOS as FAILURES
from tests.engine.scenarios.mistakes import SCENARIOS as MISTAKES
from tests.engine.scenarios.outputs import SCENARIOS as OUTPUTS
from tests.engine.scenarios.settings import SCENARIOS as SETTINGS
from tests.engine.scenarios.world import Server, World
from tools.engine.dockerd import Engine
from tools.engine.registry import Registry
from tools.engine.relay import Relay

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.engine.scenarios.scenario import Scenario
    from tools.engine.packages import Tools

TABLES = (OUTPUTS, ATTESTATIONS, SETTINGS, CONTEXTS, CALLS, FAILURES, COMBINED, BUILDS, MISTAKES)
SCENARIOS = [one for table in TABLES for one in table]
EACH_TIME = SCENARIOS if os.environ.get("SCENARIOS") == "all" else SCENARIOS[::4]
"""Every fourth one: all of them take minutes, and are asked for with SCENARIOS=all (`make scenarios`)."""
ENTITLED = {"builder": {"Entitlements": {"network-host": True, "security-insecure": True}}}

ROOT = "FROM scratch\nARG TARGETARCH\nCOPY ${TARGETARCH}/ /\n"
STATEMENT = {
    "_type": "https://in-toto.io/Statement/v0.1",
    "predicateType": "https://spdx.dev/Document",
    "predicate": {"name": "@"},
}
SCAN = [
    "sh",
    "-c",
    f"find $BUILDKIT_SCAN_SOURCE* | wc -l > /n && echo '{json.dumps(STATEMENT)}' | sed s/@/$(cat /n)/"
    " > $BUILDKIT_SCAN_DESTINATION/sbom.spdx.json",
]
"""A stand-in for a generator of SBOMs: it counts the files."""

CHANGED = (
    # 0.36 takes the digest of the config away where the engine finds images by their manifest
    (re.compile(r" > metadata > (?:[^>]+ > )?containerimage\.config\.digest"), "ours"),
    # 0.36 looks at the platforms' results first, so that an index has its provenance
    (re.compile(r" > metadata > (?:[^>]+ > )?buildx\.build\.provenance/"), "theirs"),
    # 0.36 keeps the copies of named contexts apart, as it does with the main one
    (re.compile(r".* > sharedkey:localdir:"), "theirs"),
)
"""What buildx has changed since 0.29.1: the facts, and whose are missing."""


@pytest.fixture(scope="module")
def world(tools: Tools, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """An engine with a base image, a second way to it as the builder `far`, a registry, a file server."""
    home = tmp_path_factory.mktemp("world")
    served = tmp_path_factory.mktemp("served")
    with (
        Engine(tools, ENTITLED) as engine,
        Relay(engine.socket) as relay,
        Registry(tools) as registry,
        Server(served) as server,
    ):
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        environment = {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "HOME": str(home),
            "LANG": "C.UTF-8",
            "DOCKER_CONFIG": str(home / "docker"),
            "BUILDX_CONFIG": str(home / "buildx"),
            "DOCKER_HOST": engine.host,
        }
        engine.hold_base()
        made = World(environment, registry, server.url, served, tools.program("docker-buildx"))
        _furnish(made, tools, relay)
        yield made
        server.shutdown()
        thread.join()


def _furnish(world: World, tools: Tools, relay: Relay) -> None:
    """Push a root file system and a generator of SBOMs, and make the builder `far`."""

    def buildx(*words: str, dockerfile: str = "") -> None:
        subprocess.run(
            [tools.program("docker-buildx"), *words],
            input=dockerfile,
            text=True,
            env=world.environment,
            check=True,
            capture_output=True,
        )

    buildx("create", "--name=far", "--driver=remote", relay.endpoint)
    for name, dockerfile in (("base", ROOT), ("scanner", f"{ROOT}ENTRYPOINT {json.dumps(SCAN)}\n")):
        world.furniture.add(name)
        tag = f"--tag={world.registry.address}/{name}:1"
        platforms = "--platform=linux/amd64,linux/arm64"
        buildx(
            *("build", "-q", platforms, "--provenance=false", "--push", tag, "-f-", str(tools.rootfs)),
            dockerfile=dockerfile,
        )
    world.kept |= {image["Id"] for image in world.api.get("/images/json?all=1").json()}


@pytest.mark.parametrize("scenario", EACH_TIME, ids=lambda one: one.name)
def test_facts_are_those_of_the_reference(
    scenario: Scenario, world: World, tools: Tools, tmp_path: Path
) -> None:
    pybake = str(Path(sys.executable).with_name("pybake"))
    folder = tmp_path / "project"
    ours = world.run(pybake, scenario, folder)

    theirs = world.run(tools.program("docker-buildx"), scenario, folder)

    expected = (scenario.code, 1 if scenario.refused else scenario.code)
    assert (ours.code, theirs.code) == expected, f"{ours.stderr}\n{theirs.stderr}"
    for text in scenario.says:
        assert text in theirs.stderr
        assert text in ours.stderr
    assert scenario.empty == (set(ours.facts) <= {"exit code", "metadata"}), sorted(ours.facts)
    if scenario.refused:
        assert scenario.refused in theirs.stderr + theirs.stdout.decode()
        return
    # of a failed build the reference leaves halves of files
    hides = (*scenario.hides, " > files > ") if scenario.code else scenario.hides
    found = differences(ours.facts, theirs.facts, hides)
    assert not found, "\n".join(found)


def test_no_two_rows_have_one_name() -> None:
    names = [one.name for one in SCENARIOS]
    assert len(names) > 530
    assert sorted(set(names)) == sorted(names)


def differences(
    ours: Mapping[str, object], theirs: Mapping[str, object], hides: tuple[str, ...]
) -> list[str]:
    """The facts that are not equal, a line for each: where, ours, theirs."""
    left, right = flat(ours), flat(theirs)
    unequal = [path for path in sorted({*left, *right}) if left.get(path, ...) != right.get(path, ...)]
    return [
        f"{path}: {left.get(path, 'nothing')!r} != {right.get(path, 'nothing')!r}"
        for path in unequal
        if not any(one in path for one in hides) and not is_changed(path, left, right)
    ]


def is_changed(path: str, ours: Mapping[str, object], theirs: Mapping[str, object]) -> bool:
    """Whether a newer buildx than the reference gives this fact as pybake does."""
    missing = {"ours": ours, "theirs": theirs}
    return any(pattern.match(path) and path not in missing[whose] for pattern, whose in CHANGED)
