"""What stands around the files: which are read, standard input, and every key of `--set`, live beside the
reference at hand (buildx 0.29.1)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from bake.model.fields import SETTABLE
from tests.conformance.judge import Asked, ask, deviates, difference

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.commands import Command

APP = 'target "default" { tags = ["one"] }\n'
OTHER = 'target "default" { tags = ["two"] }\n'


def compared(reference: Command, folder: Path, *words: str, **environment: str) -> str:
    """What differs between our answer and the reference's, for `--set` words alone."""
    answer = reference.at(folder)(
        "bake", "--print", *(text for word in words for text in ("--set", word)), **environment
    )
    asked = Asked(str(folder), overrides=words, environment=environment)
    return difference(ask(asked), answer.code, answer.stdout, answer.stderr)


FILES: Mapping[str, str] = {"one.hcl": APP, "two.hcl": OTHER, "docker-bake.hcl": APP.replace("one", "three")}


@pytest.mark.parametrize(
    "environment",
    [
        {"BUILDX_BAKE_FILE": "one.hcl"},
        {"BUILDX_BAKE_FILE": "one.hcl:two.hcl"},
        {"BUILDX_BAKE_FILE": "two.hcl:one.hcl"},
        {"BUILDX_BAKE_FILE": "one.hcl,two.hcl", "BUILDX_BAKE_PATH_SEPARATOR": ","},
        {"BUILDX_BAKE_FILE": "one.hcl:two.hcl", "BUILDX_BAKE_PATH_SEPARATOR": ","},
        {"BUILDX_BAKE_FILE": "one.hcl;;two.hcl", "BUILDX_BAKE_PATH_SEPARATOR": ";;"},
        {"BUILDX_BAKE_FILE": ""},
        {"BUILDX_BAKE_FILE": "gone.hcl"},
        {"BUILDX_BAKE_FILE": "one.hcl:"},
    ],
    ids=lambda environment: " ".join(environment.values()) or "empty",
)
def test_files_that_the_environment_names(
    reference: Command, tmp_path: Path, environment: dict[str, str]
) -> None:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    assert compared(reference, tmp_path, **environment) == ""


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["-f", "-"], APP),
        (["-f", "one.hcl", "-f", "-"], OTHER),
        (["-f", "-", "-f", "one.hcl"], OTHER),
        (["-f", "-"], '{"target": {"default": {"tags": ["json"]}}}'),
        (["-f", "-"], "services:\n  default:\n    build: .\n    image: compose\n"),
    ],
    ids=["alone", "last", "first", "json", "compose"],
)
def test_standard_input(
    reference: Command, pybake: Command, tmp_path: Path, words: list[str], text: str
) -> None:
    (tmp_path / "one.hcl").write_text(APP)
    asked = ["bake", "--print", *words, "default"]
    theirs = json.loads(reference.at(tmp_path)(*asked, stdin=text).ok().stdout)
    assert json.loads(pybake.at(tmp_path)(*asked, stdin=text).ok().stdout) == theirs


TARGET = """
target "default" {
  context      = "app"
  args         = { A = "1" }
  annotations  = ["a=1"]
  attest       = ["type=provenance,mode=min"]
  cache-from   = ["type=gha"]
  cache-to     = ["type=gha"]
  entitlements = ["network.host"]
  extra-hosts  = { a = "1.1.1.1" }
  labels       = { a = "1" }
  output       = ["type=image"]
  platforms    = ["linux/amd64"]
  secret       = ["id=s,env=HOME"]
  tags         = ["one"]
  ulimits      = ["nofile=1"]
  no-cache-filter = ["one"]
}
"""

VALUES: Mapping[str, str] = {
    "annotations": "b=2",
    "args.A": "2",
    "args.B": "2",
    "attest": "type=provenance,mode=max",
    "cache-from": "type=registry,ref=x",
    "cache-to": "type=registry,ref=x",
    "call": "check",
    "context": "other",
    "contexts.c": "docker-image://alpine",
    "dockerfile": "D",
    "entitlements": "security.insecure",
    "extra-hosts.b": "2.2.2.2",
    "labels.b": "2",
    "load": "true",
    "network": "none",
    "no-cache": "true",
    "no-cache-filter": "two",
    "output": "type=local,dest=out",
    "platform": "linux/arm64",
    "pull": "true",
    "push": "true",
    "secrets": "id=t,env=HOME",
    "shm-size": "1g",
    "ssh": "id=x,src=/etc/hostname",
    "tags": "two",
    "target": "stage",
    "ulimits": "nproc=1",
}
NEWER = {"policy", "resources", "secret"}
"""Keys that the reference at hand does not know."""


def test_every_key_is_compared() -> None:
    assert {key.partition(".")[0] for key in VALUES} | NEWER == SETTABLE.keys()


@pytest.mark.parametrize("operator", ["=", "+="])
@pytest.mark.parametrize("key", VALUES)
def test_a_key_of_set(reference: Command, tmp_path: Path, key: str, operator: str) -> None:
    (tmp_path / "docker-bake.hcl").write_text(TARGET)
    found = compared(reference, tmp_path, f"default.{key}{operator}{VALUES[key]}")
    assert bool(found) == deviates(f"set {key}{operator}"), found or "listed, and has vanished"


@pytest.mark.parametrize("key", ["load", "no-cache", "pull", "push", "target"])
def test_a_key_of_set_without_a_value(reference: Command, tmp_path: Path, key: str) -> None:
    (tmp_path / "docker-bake.hcl").write_text(TARGET)
    found = compared(reference, tmp_path, f"default.{key}")
    assert bool(found) == deviates(f"set {key}"), found or "listed, and has vanished"
