"""`pybake init` as a person runs it, and what comes of its file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.commands import Command

COMPOSE = """
services:
  web:
    image: example/web:${V:-1}
    build: {context: ./web, target: prod, args: {PRICE: "$$5 ${Q:-\\"q\\"}"}}
  db:
    image: postgres
"""


def put(pybake: Command, *paths: str, text: str = "FROM scratch\n") -> None:
    for path in paths:
        file = pybake.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


def printed(pybake: Command) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(pybake("-f", "docker-bake.hcl", "--print").ok().stdout)
    return found


def test_dockerfiles_and_services_become_targets(pybake: Command) -> None:
    put(pybake, "web/Dockerfile", "api/Dockerfile", "jobs/cron/Dockerfile", "Dockerfile.dev", "x.Dockerfile")
    put(pybake, ".git/Dockerfile", "node_modules/a/Dockerfile", "a/b/c/d/e/Dockerfile", "Dockerfile~")
    put(pybake, "Dockerfile.dev.dockerignore", "web/Dockerfile.dockerignore", "api/Dockerfile.j2")
    put(pybake, "compose.yaml", text=COMPOSE)
    assert pybake("init").ok().stdout.startswith("wrote docker-bake.hcl from compose.yaml, Dockerfile.dev,")
    found = printed(pybake)
    assert found["group"]["default"]["targets"] == ["api", "cron", "dev", "web", "x"]
    assert found["target"] == {
        "api": {"context": "api", "dockerfile": "Dockerfile", "tags": ["api:latest"]},
        "cron": {"context": "jobs/cron", "dockerfile": "Dockerfile", "tags": ["cron:latest"]},
        "dev": {"context": ".", "dockerfile": "Dockerfile.dev", "tags": ["dev:latest"]},
        "x": {"context": ".", "dockerfile": "x.Dockerfile", "tags": ["x:latest"]},
        "web": {
            "context": "web",
            "dockerfile": "Dockerfile",
            "args": {"PRICE": '$5 "q"'},
            "tags": ["example/web:1"],
            "target": "prod",
        },
    }
    assert pybake("fmt", "--check").ok().stdout == ""


@pytest.mark.parametrize(
    ("text", "context", "dockerfile"),
    [
        ("FROM scratch\nCOPY go.mod src/*.go /\n", ".", "deploy/app/Dockerfile"),
        ('FROM scratch\nADD ["go.mod", "/"]\n', ".", "deploy/app/Dockerfile"),
        ("FROM scratch\nCOPY entry.sh /\n", "deploy", "app/Dockerfile"),
        (
            "FROM scratch\nCOPY own /\nCOPY --from=x go.mod https://x/y $A go.sum* /\n",
            "deploy/app",
            "Dockerfile",
        ),
        ("FROM scratch\nCOPY own .\nCOPY . /\n", "deploy/app", "Dockerfile"),
        ("FROM scratch\nCOPY gone /\n", "deploy/app", "Dockerfile"),
        ("nonsense '", "deploy/app", "Dockerfile"),
    ],
)
def test_the_context_has_what_is_copied(pybake: Command, text: str, context: str, dockerfile: str) -> None:
    put(pybake, "go.mod", "src/main.go", "deploy/entry.sh", "deploy/app/own")
    put(pybake, "deploy/app/Dockerfile", text=text)

    pybake("init").ok()

    found = printed(pybake)["target"]["app"]
    assert (found["context"], found["dockerfile"]) == (context, dockerfile)


def test_names_that_meet_are_told_apart(pybake: Command) -> None:
    put(pybake, "a/web/Dockerfile", "b/web/Dockerfile")
    pybake("init").ok()
    assert sorted(printed(pybake)["target"]) == ["web", "web-2"]


def test_a_plain_dockerfile_has_the_folders_name_and_the_group_its_own(pybake: Command) -> None:
    put(pybake, "web/Containerfile", "web/Dockerfile", "default/Dockerfile")
    pybake("init").ok()
    found = printed(pybake)
    assert found["group"]["default"]["targets"] == ["default-2", "web", "web-2"]
    assert found["target"]["web-2"]["dockerfile"] == "Containerfile"


@pytest.mark.parametrize("words", [[], ["-o", "-"]])
def test_nothing_to_build(pybake: Command, words: list[str]) -> None:
    done = pybake("init", *words)
    assert (done.code, done.stdout) == (1, "")
    assert "nothing to build was found" in done.stderr


def test_a_file_that_is_there_is_kept(pybake: Command) -> None:
    put(pybake, "Dockerfile")
    put(pybake, "docker-bake.hcl", text="# mine\n")
    done = pybake("init")
    assert (done.code, "--force" in done.stderr) == (1, True)
    assert (pybake.folder / "docker-bake.hcl").read_text() == "# mine\n"
    assert 'target "' in pybake("init", "-o", "-").ok().stdout
    pybake("init", "--force").ok()
    assert "# mine" not in (pybake.folder / "docker-bake.hcl").read_text()
