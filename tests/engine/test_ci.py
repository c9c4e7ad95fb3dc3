"""examples/ci: what its files say is typed, and works, in the place of GitHub's and GitLab's machines."""

from __future__ import annotations

import base64
import json
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tools.engine.registry import PASSWORD, USER

if TYPE_CHECKING:
    from tests.commands import Command
    from tools.engine.registry import Registry

CI = Path(__file__).parents[2] / "examples/ci"
BAKE_FILE = """\
variable "REGISTRY" {}

group "default" {
  targets = ["app"]
}

target "app" {
  dockerfile-inline = "FROM scratch\\nCOPY . /src\\n"
  tags              = ["${REGISTRY}/app:1"]
}
"""


def read(name: str) -> Any:
    return yaml.safe_load((CI / name).read_text())


@pytest.fixture
def here(pybake: Command, tmp_path: Path) -> Command:
    """A machine whose `pybake` is the installed one, with a project."""
    (tmp_path / "docker-bake.hcl").write_text(BAKE_FILE)
    return pybake.where(PATH=f"{Path(sys.executable).parent}:{pybake.environment['PATH']}")


def test_the_action_bakes_and_tells_what_it_built(here: Command, tmp_path: Path, registry: Registry) -> None:
    action = read("action.yml")
    (step,) = (step for step in action["runs"]["steps"] if step.get("id") == "bake")
    inputs = {name: row["default"] for name, row in action["inputs"].items()}
    inputs |= {"push": "true", "set": "*.args.A=1\n*.labels.b=two words\n", "targets": "app"}
    given = {name: inputs[word.split(".")[1].split(" ")[0]] for name, word in step["env"].items()}
    (tmp_path / "temp").mkdir()
    files = {name: str(tmp_path / "temp" / name) for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}

    told = here.runs("bash", "-eo", "pipefail", "-c", step["run"])(
        RUNNER_TEMP=str(tmp_path / "temp"), REGISTRY=f"{registry.address}/action", **files, **given
    )

    told.ok()
    first, *lines, last = Path(files["GITHUB_OUTPUT"]).read_text().splitlines()
    name, _, mark = first.partition("<<")
    assert (name, last) == ("metadata", mark)
    assert json.loads("\n".join(lines))["app"]["image.name"] == f"{registry.address}/action/app:1"
    assert registry.get("/v2/action/app/tags/list")["tags"] == ["1"]
    assert "`app` | linux/amd64 |" in Path(files["GITHUB_STEP_SUMMARY"]).read_text()


def test_the_action_gives_the_output_that_it_promises() -> None:
    action = read("action.yml")

    assert action["outputs"]["metadata"]["value"] == "${{ steps.bake.outputs.metadata }}"
    assert read("github.yml")["jobs"]["bake"]["steps"][-1]["uses"] == "OWNER/pybake/examples/ci@main"
    assert set(read("github.yml")["jobs"]["bake"]["steps"][-1]["with"]) <= set(action["inputs"])


def test_the_checks_of_the_workflows_pass(here: Command) -> None:
    steps = [step["run"] for step in read("github.yml")["jobs"]["check"]["steps"] if "run" in step]
    github = [step.removeprefix('pipx run --spec "$PYBAKE" ') for step in steps]

    for line in (*github, *read("gitlab-ci.yml")["check"]["script"]):
        program, *words = shlex.split(line)
        assert program == "pybake"
        here(*words, REGISTRY="registry.example").ok()


def test_gitlabs_job_logs_in_and_pushes_with_its_cache(
    here: Command, tmp_path: Path, private_registry: Registry
) -> None:
    job = read("gitlab-ci.yml")["bake"]
    address = private_registry.address
    given = {
        "CI_REGISTRY": address,
        "CI_REGISTRY_IMAGE": f"{address}/group/project",
        "CI_REGISTRY_USER": USER,
        "CI_REGISTRY_PASSWORD": PASSWORD,
        "CI_COMMIT_REF_SLUG": "main",
        "REGISTRY": f"{address}/group",
    }
    cache = shlex.quote(job["variables"]["CACHE"]).replace("'", '"')
    script = "\n".join(["unset DOCKER_CONFIG", f"CACHE={cache}", *job["script"]])

    here.runs("sh", "-euc", script)(**given).ok()

    pair = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    for name, tag in (("group/app", "1"), ("group/project/cache", "main")):
        found = private_registry.get(f"/v2/{name}/tags/list", Authorization=f"Basic {pair}")
        assert found["tags"] == [tag]
    assert "<testcase" in (tmp_path / job["artifacts"]["reports"]["junit"]).read_text()


def test_the_hooks_are_those_of_this_repository() -> None:
    offered = {
        hook["id"]: hook["entry"]
        for hook in yaml.safe_load((CI.parents[1] / ".pre-commit-hooks.yaml").read_text())
    }
    (repository,) = read("pre-commit-config.yaml")["repos"]

    assert {hook["id"] for hook in repository["hooks"]} <= set(offered)
    assert all(entry.startswith("pybake ") for entry in offered.values())
