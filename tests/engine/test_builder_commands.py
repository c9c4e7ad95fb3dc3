"""The commands about builders and caches: texts, JSON and templates as the reference's, on real nodes."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.engine.bakefile import ROOT, define, word
from tests.engine.building import connected, until_unused
from tools.engine.dockerd import Engine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.commands import Command, Result
    from tools.engine.packages import Tools
    from tools.engine.relay import Relay

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00"
SETTINGS = b"\x00\x00\x24\x04"


@pytest.fixture
def pair(pybake: Command, relay: Relay) -> str:
    """A builder of one node that answers and one that does not."""
    name = "pair"
    create = (
        "create",
        "--name",
        name,
        "--driver-opt",
        "default-load=true",
        "--platform",
        "linux/arm64,linux/arm",
    )
    pybake(*create, "--use", "--driver", "remote", relay.endpoint).ok()
    pybake("create", "--name", name, "--append", "unix:///nowhere/buildkit.sock").ok()
    return name


def same(pybake: Command, reference: Command, *words: str) -> str:
    """What both print to standard output for the same words."""
    theirs, ours = reference(*words), pybake(*words)
    assert (ours.code, ours.stdout) == (theirs.code, theirs.stdout)
    return ours.stdout


LISTS = [
    ("ls",),
    ("ls", "--no-trunc"),
    ("ls", "--format", "json"),
    ("ls", "--format", "{{json .}}"),
    ("ls", "--format", "{{.Name}}|{{.DriverEndpoint}}|{{.Status}}|{{.Buildkit}}|{{.Platforms}}"),
    ("ls", "--format", "table {{.Name}}\\t{{.LastActivity}}"),
    ("ls", "--format", "{{.Builder.Name}}: {{upper .Status}}{{if .Error}} {{.Error}}{{end}}"),
    ("inspect",),
    ("inspect", "default"),
    ("inspect", "pair"),
]


@pytest.mark.usefixtures("pair")
def test_lists_and_inspections_are_the_references(pybake: Command, reference: Command) -> None:
    for words in LISTS:
        same(pybake, reference, *words)


def test_a_context_whose_engine_is_away(pybake: Command, reference: Command) -> None:
    gone = {"DOCKER_HOST": "unix:///nowhere/docker.sock"}
    theirs, ours = reference("ls", **gone).ok(), pybake("ls", **gone).ok()
    assert ours.stdout == theirs.stdout
    assert "Cannot load builder default: Cannot reach BuildKit; `unix:///nowhere/docker.sock`" in ours.stderr


@pytest.fixture(scope="module")
def cache(tools: Tools) -> Iterator[Engine]:
    """An engine whose cache is this module's alone."""
    with Engine(tools) as running:
        yield running


@pytest.fixture
def filled(project: Path, pybake: Command, cache: Engine) -> Command:
    """pybake on that engine, which has just built something and uses none of it any more."""
    here = pybake.where(DOCKER_HOST=cache.host)
    # a shared mount is given away to a new folder while BuildKit measures the old one: this is always one
    mount = f"RUN --mount=type=cache,sharing=locked,target=/kept echo {word()} > /kept/it\n"
    define(project, default={"dockerfile": f"{ROOT}{mount}RUN echo {word()}\n"})
    here().ok()
    with connected(cache) as client:
        until_unused(client)
    return here


def without_ages(text: str) -> str:
    """When something was used last changes while both tools are asked."""
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith("Last used"))


def test_disk_usage_is_the_references(filled: Command, reference: Command, cache: Engine) -> None:
    there = reference.where(DOCKER_HOST=cache.host)
    for words in [
        ("--filter", "type=exec.cachemount", "--format", "{{.ID}} {{.Size}} {{.Parents}} {{.Mutable}}"),
        ("--format", "{{.ID}}|{{.CreatedAt}}|{{.Description}}|{{.Shared}}|{{.UsageCount}}|{{.Type}}"),
        ("--format", "table {{.ID}}\\t{{.Size}}\\t{{.Reclaimable}}\\t{{.Parents}}"),
        ("--filter", "id=nothing-is-called-so"),
    ]:
        same(filled, there, "du", *words)
    assert without_ages(filled("du", "--verbose").stdout) == without_ages(there("du", "--verbose").stdout)
    plain, theirs = (tool("du").ok().stdout.splitlines() for tool in (filled, there))
    assert [line.split()[:3] for line in plain] == [line.split()[:3] for line in theirs]
    ours = [json.loads(line) for line in filled("du", "--format", "json").stdout.splitlines()]
    known = [json.loads(line) for line in there("du", "--format", "json").stdout.splitlines()]
    assert [one | {"LastUsedAt": ""} for one in ours] == [one | {"LastUsedAt": ""} for one in known]


def test_prune_takes_what_the_filters_name_and_tells_the_total(filled: Command) -> None:
    sources = ("du", "--filter", "type=source.local", "--format", "{{.ID}}")
    kept = filled(*sources).ok().stdout
    pruned = filled("prune", "--force", "--filter", "type=exec.cachemount").ok().stdout
    heading, row, total = pruned.splitlines()
    assert heading.split() == ["ID", "RECLAIMABLE", "SIZE", "LAST", "ACCESSED"]
    assert row.split()[1] == "true"
    assert total == f"Total:\t{row.split()[2]}"
    assert "exec.cachemount" not in filled("du", "--verbose").stdout
    assert filled(*sources).ok().stdout == kept != ""


def test_prune_asks_first(filled: Command) -> None:
    before = len(filled("du").ok().stdout.splitlines())
    asked = filled("prune", stdin="n\n").ok()
    assert asked.stdout.endswith("dangling build cache. Are you sure you want to continue? [y/N] ")
    assert len(filled("du").ok().stdout.splitlines()) == before
    assert "remove all build cache" in filled("prune", "--all", stdin="").ok().stdout
    done = filled("prune", "--all", "--verbose", stdin="y\n").ok().stdout
    assert "Description:\t" in done
    assert done.splitlines()[-1].startswith("Total:\t")
    assert filled("du").ok().stdout.splitlines()[-1].split() == ["Total:", "0B"]


def test_prune_keeps_the_space_that_is_reserved(filled: Command) -> None:
    before = filled("du", "--format", "{{.ID}}").ok().stdout
    kept = filled("prune", "--force", "--reserved-space", "10GB").ok()
    assert kept.stdout == "Total:\t0B\n"
    assert filled("du", "--format", "{{.ID}}").ok().stdout == before
    old = filled("prune", "--force", "--keep-storage", "10gb").ok()
    assert "keep-storage flag has been changed to reserved-space" in old.stderr
    gone = filled("prune", "--force", "--max-used-space", "1").ok().stdout
    assert gone.splitlines()[-1] != "Total:\t0B"


def dialled(pybake: Command, *words: str) -> subprocess.CompletedProcess[bytes]:
    """What comes of HTTP/2's first words. Standard input ends when it has been answered: a server that has
    heard everything may hang up before it says a word."""
    reading, writing = os.pipe()
    os.write(writing, PREFACE)
    command, pipe = [*pybake.words, "dial-stdio", *words], subprocess.PIPE
    environment = dict(pybake.environment)
    with subprocess.Popen(command, env=environment, stdin=reading, stdout=pipe, stderr=pipe) as process:
        os.close(reading)
        assert process.stdout is not None
        first = process.stdout.read(len(SETTINGS))
        os.close(writing)
        rest, said = process.communicate(timeout=240)
    return subprocess.CompletedProcess(command, process.returncode, first + rest, said)


@pytest.mark.usefixtures("pair")
def test_standard_streams_become_buildkits(pybake: Command) -> None:
    for words in [("--builder", "default"), ("--builder", "pair", "--platform", "linux/arm64"), ()]:
        done = dialled(pybake, *words)
        assert (done.returncode, done.stdout[:4]) == (0, SETTINGS), words
    none = dialled(pybake, "--platform", "linux/s390x")
    assert none.returncode == 1
    assert b"none of `pair` builds for `linux/s390x`" in none.stderr
    assert none.stdout == b""


def told(result: Result) -> str:
    assert result.code == 1
    assert "Traceback" not in result.stderr
    return result.stderr


MISTAKES = [
    ("create --name default", "default is a reserved name", "--name"),
    ("create --append", "append requires a builder name", "--name NAME"),
    ("create --leave --name pair", "leave requires node name", "--node NAME"),
    ("create --leave --name pair --node x", 'node "x" not found for pair', "pair0, pair1"),
    ("create --driver docker", 'additional instances of driver "docker" cannot be created', "docker context"),
    ("create --driver nope", 'failed to find driver "nope"', "docker-container"),
    ("create --name pair tcp://127.0.0.1:1", 'existing instance for "pair" but no append mode', "--append"),
    ("create --name pair --append --driver docker-container", 'mismatched driver "remote"', ""),
    ("create --driver remote", "no remote endpoint provided", "tcp://HOST:PORT"),
    ("create --driver remote ftp://x", "unrecognized url scheme ftp", "unix://"),
    ("create --driver remote --driver-opt x=1 tcp://127.0.0.1:1", "invalid driver option x", "cacert"),
    ("create --driver remote --driver-opt x tcp://127.0.0.1:1", 'invalid value "x", expecting k=v', ""),
    ("create --name pair --append unix:///nowhere/buildkit.sock", "invalid duplicate endpoint", "pair"),
    ("create --name 1x tcp://127.0.0.1:1", "invalid name 1x, name needs to start with a letter", ""),
    ("create --platform a/b/c/d tcp://127.0.0.1:1", "invalid platform", "linux/arm64"),
    ("create --driver docker-container --driver-opt memory=much", "invalid size: 'much'", "memory=much"),
    ("create --driver docker-container --buildkitd-config gone.toml", "file not found", "gone.toml"),
    ("create nocontext --driver docker-container", "failed to parse endpoint nocontext", "default"),
    ("use nope", 'failed to find instance "nope"', "pair, default"),
    ("inspect nope", 'no builder "nope" found', "pybake create --name nope"),
    ("stop nope", 'no builder "nope" found', "pair, default"),
    ("rm nope", "failed to remove one or more builders", 'no builder "nope" found'),
    ("rm default", "context builder cannot be removed", "docker context rm default"),
    ("rm --all-inactive pair", "cannot specify builder name when --all-inactive is set", ""),
    ("du --filter x", "bad format of filter (expected name=value)", ""),
    ("du --filter type=a --filter type=b", '"type" filter expects only one value', "a, b"),
    ("du --format json --verbose", "--format and --verbose cannot be used together", ""),
    ("du --timeout soon", 'invalid argument "soon" for "--timeout"', ""),
    ("prune -f --filter until=x", "\"until\" filter expects a duration (e.g., '24h')", ""),
    ("prune -f --filter until=1h --filter unused-for=1h", "conflicting filters", ""),
    ("prune -f --reserved-space much", "invalid size: 'much'", "512m or 10GB"),
    ("ls --format {{.Nope}}", "Nope", ""),
    ("ls pair", "unexpected extra argument", "pybake ls --help"),
]


@pytest.mark.usefixtures("pair")
def test_mistakes_are_named_with_the_next_step(pybake: Command) -> None:
    for line, fault, step in MISTAKES:
        said = told(pybake(*line.split()))
        assert fault in said, line
        assert step in said, line
    assert [path.name for path in _instances(pybake)] == ["pair"]


def _instances(pybake: Command) -> list[Path]:
    return sorted((Path(pybake.environment["BUILDX_CONFIG"]) / "instances").iterdir())


@pytest.mark.usefixtures("pair")
def test_inactive_builders_are_removed_when_that_is_granted(pybake: Command) -> None:
    pybake("create", "--name", "away", "--driver", "remote", "unix:///nowhere/else.sock").ok()
    refused = pybake("rm", "--all-inactive", stdin="n\n").ok()
    assert "This will remove all builders that are not in running state" in refused.stdout
    assert pybake("rm", "--all-inactive", "--force").ok().stderr == "away removed\n"
    assert [path.name for path in _instances(pybake)] == ["pair"]


def test_a_name_is_made_up(pybake: Command, relay: Relay) -> None:
    first = pybake("create", "--driver", "remote", relay.endpoint).ok().stdout.strip()
    second = pybake("create", BUILDKIT_HOST=relay.endpoint).ok().stdout.strip()
    assert first != second
    assert {path.name for path in _instances(pybake)} == {first, second}
    assert f"Name:          {second}\nDriver:        remote" in pybake("inspect", second).ok().stdout
    assert pybake("rm", BUILDX_BUILDER=first).ok().stderr == f"{first} removed\n"


def test_options_of_every_command_may_stand_before_it(pybake: Command, pair: str) -> None:
    calls = ("--builder pair -D ls", "-D --builder pair inspect", "--builder=default du -D", "-D use pair")
    for words in calls:
        pybake(*words.split()).ok()
    assert pybake("--builder", pair, "inspect").ok().stdout.startswith("Name:          pair")


def test_every_command_names_its_options(pybake: Command) -> None:
    for command, options in {
        "create": "--append --bootstrap --buildkitd-config --buildkitd-flags --driver --driver-opt --leave "
        "--name --node --platform --timeout --use",
        "dial-stdio": "--builder --platform --progress",
        "du": "--builder --filter --format --timeout --verbose",
        "inspect": "--bootstrap --builder --debug --timeout",
        "ls": "--format --no-trunc --timeout",
        "prune": "--all --builder --filter --force --max-used-space --min-free-space --reserved-space "
        "--timeout --verbose",
        "rm": "--all-inactive --builder --force --keep-daemon --keep-state --timeout",
        "stop": "--builder",
        "use": "--builder --default --global",
    }.items():
        shown = pybake(command, "--help").ok().stdout
        assert [option for option in options.split() if option not in shown] == [], command
        assert f"  {command} " in pybake("--help").stdout
