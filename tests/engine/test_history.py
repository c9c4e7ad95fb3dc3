"""`pybake history`, held against `docker buildx history` on the same engine."""

from __future__ import annotations

import json
import os
import shutil
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.commands import Command
from tests.engine.bakefile import ROOT, define, word
from tools.engine.dockerd import Engine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.commands import Result
    from tools.engine.packages import Tools

OPTIONS = (
    "--target base --build-arg WORD=w --label a=b --platform linux/amd64,linux/arm64 --no-cache "
    "--add-host a:1.2.3.4 --shm-size 64m --build-context extra=app --ulimit nofile=10:20"
)
DOCKERFILE = """\
FROM scratch AS base
ARG WORD=default
COPY word /

FROM base AS last
LABEL word=$WORD
"""


@dataclass(frozen=True)
class Past:
    """Both commands in a folder with three builds behind it, the last one failed; `app` is a context."""

    pybake: Command
    reference: Command
    folder: Path


@contextmanager
def made(tools: Tools, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Past]:
    """On an engine that remembers nothing else."""
    folder, home = tmp_path_factory.mktemp("past"), tmp_path_factory.mktemp("home")
    shutil.copytree(tools.rootfs, folder / "rootfs", symlinks=True)
    (folder / "app").mkdir()
    (folder / "app/Dockerfile").write_text(DOCKERFILE)
    (folder / "app/word").write_text("said\n")
    (folder / "Bad").write_text(f"{ROOT}RUN echo said; echo twice; exit 3 # {word()}\n")
    define(folder, one={"context": "app", "output": ["type=cacheonly"]})
    with Engine(tools) as engine:
        environment = {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(home),
            "BUILDX_CONFIG": str(home / "buildx"),
            "DOCKER_HOST": engine.host,
        }
        pybake = Command([str(Path(sys.executable).with_name("pybake"))], environment, folder)
        pybake("bake", "one").ok()
        pybake("build", *OPTIONS.split(), "app").ok()
        assert pybake("build", "-f", "Bad", ".").code == 1
        yield Past(pybake, pybake.runs(tools.program("docker-buildx")), folder)


@pytest.fixture(scope="module")
def past(tools: Tools, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Past]:
    """A past that stays as it is: tests come in any order."""
    with made(tools, tmp_path_factory) as found:
        yield found


@pytest.fixture
def changing(tools: Tools, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Past]:
    """A past for one test alone."""
    with made(tools, tmp_path_factory) as found:
        yield found


def alike(text: str) -> str:
    """What both say, but for the tool's name and for stack traces, which are Go's."""
    lines = text.replace("docker buildx", "pybake").splitlines()
    return "\n".join(line for line in lines if "stack traces" not in line)


def both(past: Past, *words: str) -> tuple[Result, Result]:
    return past.pybake("history", *words), past.reference("history", *words)


@pytest.mark.parametrize(
    "words",
    [
        "ls --format json",
        "ls --no-trunc --format {{.Ref}}|{{.Name}}|{{.Status}}|{{.Duration}}|{{.Link}}|{{.FullRef}}",
        "ls --filter status=error --format json",
        "ls --filter status!=error --format json",
        "ls --filter repository=nowhere --format json",
        "ls --filter duration<1h --filter status=completed --format json",
        "inspect",
        "inspect ^1",
        "inspect ^2",
        "inspect ^1 --format json",
        "inspect ^1 --format {{.Name}}|{{.NumTotalSteps}}|{{range\t.Labels}}{{.Name}}={{.Value}}{{end}}",
        "inspect attachment ^1 --type index",
        "inspect attachment ^1 --type manifest --platform linux/arm64",
        "inspect attachment ^1 --platform linux/amd64 --type provenance",
    ],
)
def test_it_says_what_the_reference_says(past: Past, words: str) -> None:
    ours, theirs = both(past, *words.split(" "))

    assert (ours.code, alike(ours.stdout)) == (theirs.code, alike(theirs.stdout))
    assert ours.ok().stdout or "nowhere" in words


@pytest.mark.parametrize("words", ["ls", "ls --no-trunc"])
def test_a_list_is_a_table(past: Past, words: str) -> None:
    ours, theirs = both(past, *words.split())

    heads = [text.stdout.splitlines()[0].split() for text in (ours, theirs)]
    assert heads[0] == heads[1] == ["BUILD", "ID", "NAME", "STATUS", "CREATED", "AT", "DURATION"]
    names = [[line.split()[1] for line in text.stdout.splitlines()[1:4]] for text in (ours, theirs)]
    assert names[0] == names[1] == [f"{past.folder.name}/Bad", "app", "app"]
    last = [[line.split()[-1] for line in text.stdout.splitlines()[1:4]] for text in (ours, theirs)]
    assert last[0] == last[1]


@pytest.mark.parametrize("words", ["logs", "logs ^1", "logs --progress=tty ^1"])
def test_logs_are_told_again(past: Past, words: str) -> None:
    ours = past.pybake("history", *words.split())
    theirs = past.reference("history", *words.replace(" --progress=tty", "").split())

    assert (ours.code, ours.stdout) == (0, "")
    assert ours.stderr.split() == theirs.stderr.split()


def test_logs_may_be_records(past: Past) -> None:
    raw = past.pybake("history", "logs", "--progress=rawjson").ok().stderr
    told = past.pybake("history", "logs", "--progress=json").ok().stderr

    assert any("logs" in json.loads(line) for line in raw.splitlines())
    assert "".join(
        one["text"] for line in told.splitlines() if (one := json.loads(line))["type"] == "log"
    ) == ("said\ntwice\n")


def test_a_failed_build_tells_its_last_lines(past: Past) -> None:
    text = past.pybake("history", "inspect").ok().stdout
    error = json.loads(past.pybake("history", "inspect", "--format=json").ok().stdout)["Error"]

    assert ">>> RUN echo said" in text
    assert "> said\n> twice\n" in text
    assert error["Logs"] == ["said", "twice"]
    assert error["Code"] == 2


def test_a_build_is_found_by_the_id_of_its_metadata(changing: Past) -> None:
    changing.pybake("build", "app", "--metadata-file=meta.json").ok()
    ref = json.loads((changing.folder / "meta.json").read_text())["buildx.build.ref"]

    for name in (ref, ref.rpartition("/")[2]):
        found = json.loads(changing.pybake("history", "inspect", name, "--format=json").ok().stdout)
        assert found["Ref"] == ref.rpartition("/")[2]
        assert found["Context"] == "app"


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ("inspect nothing", 'no record found for ref "nothing"'),
        ("inspect ^999", "no completed build found with offset 999"),
        ("inspect ^x", 'invalid offset "^x"'),
        ("inspect --format {{.Nope}}", "Nope"),
        ("inspect a b", "b"),
        ("logs --progress=loud", "invalid progress mode loud"),
        ("rm", "rm requires at least one argument"),
        ("rm --all x", "rm requires either --all or at least one argument"),
        ("ls --filter bad=1", 'unsupported filter "bad=1"'),
        ("ls --filter status", 'invalid filter "status"'),
        ("ls --filter status>error", "expected = or !="),
        ("ls --filter duration<long", "invalid duration long"),
        ("ls --filter startedAt>late", "invalid time late"),
        ("inspect attachment", "at least one of --type, --platform or DIGEST"),
        ("inspect attachment ^0 sha256:1", 'invalid digest "sha256:1"'),
        ("nothing", "unknown command"),
    ],
)
def test_what_cannot_be_told_is_an_error(past: Past, words: str, complaint: str) -> None:
    done = past.pybake("history", *words.split())

    assert complaint in done.stderr
    assert (done.code, done.stdout) == (1, "")


def test_helps_name_the_options_of_the_reference(past: Past) -> None:
    for name in ("ls", "inspect", "inspect attachment", "logs", "rm"):
        ours, theirs = both(past, *name.split(), "--help")
        options = {one.strip(',"') for one in theirs.stdout.split() if one.startswith("--")}
        assert {one for one in options if one not in ours.stdout} <= {"--debug"}


def test_what_is_removed_is_forgotten(changing: Past) -> None:
    """The reference is not asked behind it: what it asks for brings BuildKit 0.28 down then."""

    def refs() -> list[str]:
        lines = changing.pybake("history", "ls", "--format=json").ok().stdout.splitlines()
        return [json.loads(line)["ref"].rpartition("/")[2] for line in lines]

    changing.pybake("history", "inspect").ok()
    first, second, *others = refs()

    changing.pybake("history", "rm", first).ok()
    left = refs()
    changing.pybake("history", "rm", "--all").ok()

    assert left == [second, *others]
    assert refs() == []
    assert "no records found" in changing.pybake("history", "inspect").stderr
    assert changing.pybake("history", "ls", "--format=json").ok().stdout == ""
