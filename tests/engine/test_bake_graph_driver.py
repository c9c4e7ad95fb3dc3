"""An engine without the containerd image store cannot push while it builds: it is told to afterwards."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

from tests.engine.bakefile import ROOT, define
from tools.engine.dockerd import Engine
from tools.engine.registry import PASSWORD, USER

if TYPE_CHECKING:
    from pathlib import Path

    from tests.commands import Command
    from tools.engine.packages import Tools
    from tools.engine.registry import Registry

MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
FACTS = ("containerimage.digest", "containerimage.config.digest", "image.name")


def test_a_push_is_the_engines_own(
    project: Path, home: Path, tools: Tools, pybake: Command, reference: Command, private_registry: Registry
) -> None:
    pair = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    (home / "docker").mkdir(exist_ok=True)
    auths = {private_registry.address: {"auth": pair}}
    (home / "docker/config.json").write_text(json.dumps({"auths": auths}))
    names = [f"{private_registry.address}/graph/app:{tag}" for tag in ("1", "2")]
    define(project, app={"dockerfile": ROOT, "tags": names, "output": ["type=registry"]})

    with Engine(tools, {"features": {"containerd-snapshotter": False}}) as engine:
        told = pybake.where(DOCKER_HOST=engine.host)("bake", "app", "--metadata-file=ours.json")
        theirs = reference.where(DOCKER_HOST=engine.host)("bake", "app", "--metadata-file=theirs.json")

    assert f"pushing {names[1]} with docker" in told.ok().stderr
    theirs.ok()
    found = [json.loads((project / f"{name}.json").read_text())["app"] for name in ("ours", "theirs")]
    assert {fact: found[0][fact] for fact in FACTS} == {fact: found[1][fact] for fact in FACTS}
    assert found[0].keys() == found[1].keys()
    for tag in ("1", "2"):
        served = private_registry.get(
            f"/v2/graph/app/manifests/{tag}", Accept=MANIFEST, Authorization=f"Basic {pair}"
        )
        assert served["config"]["digest"] == found[0]["containerimage.config.digest"]
