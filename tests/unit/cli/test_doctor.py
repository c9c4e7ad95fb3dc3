"""`pybake doctor` without an engine."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from bake.api.doctor import Finding, worst
from bake.ui.doctor import text

if TYPE_CHECKING:
    from pathlib import Path

    from tests.commands import Command


def findings(pybake: Command, **environment: str) -> dict[str, dict[str, Any]]:
    done = pybake("doctor", "--format", "json", **environment)
    return {one["topic"]: one for one in json.loads(done.stdout)}


def test_an_engine_that_is_not_there(pybake: Command) -> None:
    done = pybake("doctor")
    assert done.code == 1
    assert "ERROR    builder" in done.stdout
    assert "no-engine.sock" in done.stdout
    assert "DOCKER_HOST" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("1 error")
    assert done.stderr == ""


def test_a_helper_that_is_not_there_and_one_that_is(pybake: Command, home: Path) -> None:
    docker, programs = home / "docker", home / "bin"
    docker.mkdir()
    programs.mkdir()
    (programs / "docker-credential-there").write_text("#!/bin/sh\n")
    (programs / "docker-credential-there").chmod(0o755)
    for name, level in (("missing", "error"), ("there", "ok")):
        (docker / "config.json").write_text(json.dumps({"credsStore": name}))
        found = findings(pybake, PATH=f"{programs}:{pybake.environment['PATH']}")["credentials"]
        assert (found["level"], f"docker-credential-{name}" in found["text"]) == (level, True)


def test_logins_and_proxies_are_named_and_not_shown(pybake: Command, home: Path) -> None:
    (home / "docker").mkdir()
    config = {
        "auths": {"registry.example": {"auth": "dXNlcjpzZWNyZXQ="}},
        "proxies": {"default": {"httpProxy": "http://user:secret@proxy:3128"}},
    }
    (home / "docker" / "config.json").write_text(json.dumps(config))
    shown = pybake("doctor").stdout
    assert "logged in to registry.example" in shown
    assert "HTTP_PROXY" in shown
    assert "secret" not in shown
    assert "dXNlcj" not in shown


def test_a_configuration_that_is_no_json(pybake: Command, home: Path) -> None:
    (home / "docker").mkdir()
    (home / "docker" / "config.json").write_text("{")
    found = findings(pybake)["configuration"]
    assert found["level"] == "error"
    assert f"fix or remove {home}/docker/config.json" in found["mend"]
    told = pybake("doctor")
    assert (told.code, (told.stdout + told.stderr).count("config.json:1:2: ")) == (1, 1)


def test_git_is_looked_for(pybake: Command, tmp_path: Path) -> None:
    assert findings(pybake, PATH=str(tmp_path))["git"]["level"] == "warning"


def test_the_gravest_counts() -> None:
    good, odd, bad = (Finding(level, "a", "b") for level in ("ok", "warning", "error"))
    assert [worst([good]), worst([good, odd]), worst([odd, bad, good])] == ["ok", "warning", "error"]
    assert text([good]).endswith("\nnothing is wrong\n")
    assert text([odd, odd, bad]).endswith("\n1 error, 2 warnings\n")
