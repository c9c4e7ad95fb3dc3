"""Targets that build on targets: what runs, for which machine, and what registries serve of it."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from tests.engine.bakefile import BOTH, ROOT, define, records, word

if TYPE_CHECKING:
    from pathlib import Path

    from tests.commands import Command
    from tools.engine.registry import Registry

INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"


def ran(text: str, command: str) -> set[str]:
    """The digests of the steps with `command` in their name that ran, by `--progress=rawjson`."""
    steps = [step for record in records(text) for step in record.get("vertexes", ())]
    return {
        step["digest"]
        for step in steps
        if command in step["name"] and "completed" in step and not step.get("cached")
    }


def test_a_linked_pair_on_two_platforms_pushes_an_index_that_everybody_reads_the_same(
    project: Path, pybake: Command, reference: Command, registry: Registry
) -> None:
    unique, name = word(), f"{registry.address}/linked/app"
    machine = f"RUN echo {unique} $(uname -m) | tee /machine"
    define(
        project,
        base={"dockerfile": f"{ROOT}{machine}\n", "platforms": BOTH, "output": ["type=cacheonly"]},
        app={
            "contexts": {"parent": "target:base"},
            "dockerfile": "FROM parent\nRUN test $(uname -m) = $(cut -d' ' -f2 /machine)\n",
            "platforms": BOTH,
            "tags": [f"{name}:1", f"{name}:2"],
            "output": ["type=registry"],
        },
    )

    built = pybake("base", "app", "--progress=plain", "--metadata-file=meta.json").ok()

    said = [
        line.split()[-1] for line in built.stderr.splitlines() if f" {unique} " in line and "echo" not in line
    ]
    assert sorted(said) == ["aarch64", "x86_64"]
    served = registry.get("/v2/linked/app/manifests/1", Accept=INDEX)
    raw = reference("imagetools", "inspect", "--raw", f"{name}:1").ok().stdout
    digest = json.loads((project / "meta.json").read_text())["app"]["containerimage.digest"]
    assert json.loads(raw) == served
    assert f"sha256:{hashlib.sha256(raw.encode()).hexdigest()}" == digest
    for tag in (1, 2):
        shown = reference("imagetools", "inspect", f"{name}:{tag}", "--format={{json .Manifest}}").ok().stdout
        assert json.loads(shown)["digest"] == digest
    machines = [one["platform"]["architecture"] for one in served["manifests"]]
    assert machines[:2] == ["amd64", "arm64"]
    for manifest in served["manifests"][:2]:
        config = config_of(registry, "linked/app", manifest["digest"])
        assert config["architecture"] == manifest["platform"]["architecture"]


def config_of(registry: Registry, name: str, digest: str) -> dict[str, Any]:
    """The config of the image that the manifest `digest` describes."""
    manifest = registry.get(f"/v2/{name}/manifests/{digest}", Accept=MANIFEST)
    found: dict[str, Any] = registry.get(f"/v2/{name}/blobs/{manifest['config']['digest']}")
    return found


def test_linked_targets_run_their_inputs_steps_once(project: Path, pybake: Command) -> None:
    unique = word()
    # The cache mount outlives each step, so a step that ran twice leaves two lines in it. It is locked, for
    # BuildKit gives a shared one away to a new folder whenever it happens to be measuring the old one.
    count = f"RUN --mount=type=cache,sharing=locked,id={unique},target=/count"
    leaf = {
        "contexts": {"parent": "target:middle"},
        "dockerfile": f"FROM parent\n{count} cp /count/lines /lines\n",
        "output": ["type=cacheonly"],
    }
    define(
        project,
        {"default": ["one", "two", "base", "tally"]},
        base={"dockerfile": f"{ROOT}{count} echo base >> /count/lines\n", "output": ["type=cacheonly"]},
        middle={
            "contexts": {"parent": "target:base"},
            "dockerfile": f"FROM parent\n{count} echo middle >> /count/lines\n",
        },
        one={**leaf, "args": {"LEAF": "1"}},
        two={**leaf, "args": {"LEAF": "2"}},
        tally={
            "contexts": {"parent": "target:middle"},
            "dockerfile": f"FROM parent AS run\n{count} cp /count/lines /lines\n"
            "FROM scratch\nCOPY --from=run /lines /\n",
            "output": ["out"],
        },
    )

    told = pybake("--progress=rawjson").ok().stderr

    assert (project / "out/lines").read_text() == "base\nmiddle\n"
    assert len(ran(told, "echo base")) == 1
    assert len(ran(told, "echo middle")) == 1


def test_a_second_run_takes_every_step_from_the_cache(project: Path, pybake: Command) -> None:
    define(
        project,
        base={"dockerfile": f"{ROOT}RUN echo {word()}\n"},
        app={"contexts": {"parent": "target:base"}, "dockerfile": "FROM parent\nRUN echo again\n"},
    )

    first = pybake("app", "--progress=rawjson").ok().stderr
    second = pybake("app", "--progress=rawjson").ok().stderr

    assert ran(first, "RUN")
    assert not ran(second, "RUN")
