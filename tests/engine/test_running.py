"""How builds are run: caps, keeping going, deferred outputs, time limits, what is the same built once."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from tests.engine.bakefile import ROOT, define, records, word
from tests.engine.building import until_no_process_has
from tests.engine.gates import ALLOWED, NETWORK, until_there_is
from tools.engine.faulty import FaultyRegistry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.commands import Command
    from tools.engine.registry import Registry


@pytest.fixture
def pushed(registry: Registry) -> Iterator[FaultyRegistry]:
    """The registry behind a proxy that knows what was written to it."""
    with FaultyRegistry(registry.address) as proxy:
        yield proxy


def running_steps(said: str) -> list[tuple[float, float]]:
    """When each RUN step began and ended, the first to begin first."""
    times: dict[str, dict[str, str]] = {}
    for record in records(said):
        for vertex in record.get("vertexes", ()):
            if "RUN" in vertex.get("name", ""):
                times.setdefault(vertex["digest"], {}).update(vertex)
    return sorted((_seconds(one["started"]), _seconds(one["completed"])) for one in times.values())


def _seconds(text: str) -> float:
    from datetime import datetime

    whole, _, fraction = text.rstrip("Z").partition(".")
    return datetime.fromisoformat(f"{whole}+00:00").timestamp() + float(f"0.{fraction or 0}")


@pytest.mark.parametrize("cap", ["--jobs=1", "--jobs-per-node=1"])
def test_a_cap_keeps_targets_apart(project: Path, pybake: Command, cap: str) -> None:
    targets = {name: {"dockerfile": f"{ROOT}RUN sleep 0.3; echo {word()}\n"} for name in ("a", "b", "c")}
    define(project, {"default": list(targets)}, **targets)

    steps = running_steps(pybake(cap, "--progress=rawjson").ok().stderr)

    assert len(steps) == 3
    assert all(before[1] <= after[0] for before, after in pairwise(steps))


def test_without_a_cap_targets_run_together(project: Path, pybake: Command) -> None:
    """Each waits for the other: one at a time they would never end."""
    meeting = word()
    cache = f"--mount=type=cache,target=/met,id={meeting}"
    wait = "while [ $(ls /met | wc -l) -lt 2 ]; do sleep 0.05; done"
    define(
        project,
        {"default": ["a", "b"]},
        a={"dockerfile": f"{ROOT}RUN {cache} touch /met/a && {wait}\n"},
        b={"dockerfile": f"{ROOT}RUN {cache} touch /met/b && {wait}\n"},
    )
    pybake("--timeout=200s").ok()


@pytest.mark.parametrize("option", ["--keep-going", "--execution=defer-error", "--fail-fast=false"])
def test_keeping_going(project: Path, pybake: Command, option: str) -> None:
    define(
        project,
        {"default": ["bad", "child", "fine"]},
        bad={"dockerfile": f"{ROOT}RUN exit 3\n"},
        child={"contexts": {"parent": "target:bad"}, "dockerfile": "FROM parent\n", "output": ["child"]},
        fine={"dockerfile": f"{ROOT}RUN sleep 0.5; echo {word()} >/made\n", "output": ["fine"]},
    )

    told = pybake(option, "--progress=plain", "--metadata-file=facts.json")

    assert told.code == 2
    assert (project / "fine/made").exists()
    assert not (project / "child").exists()
    assert "child: skipped: `bad` failed" in told.stderr
    assert "RUN exit 3" in told.stderr
    assert ">>> RUN exit 3" in told.stderr
    assert list(json.loads((project / "facts.json").read_text())) == ["fine"]


def test_keeping_going_with_nothing_left(project: Path, pybake: Command) -> None:
    define(project, bad={"dockerfile": f"{ROOT}RUN exit 3\n"})
    assert pybake("bad", "--keep-going", "--metadata-file=facts.json").code == 1
    assert not (project / "facts.json").exists()


def test_the_default_stops_at_the_first_failure(project: Path, pybake: Command) -> None:
    unique = word()
    define(
        project,
        {"default": ["bad", "slow"]},
        bad={"dockerfile": f"{ROOT}RUN sleep 0.5; exit 3\n"},
        slow={"dockerfile": f"{ROOT}RUN sleep 600 # {unique}\n", "output": ["slow"]},
    )

    assert pybake().code == 1

    until_no_process_has(unique)
    assert not (project / "slow").exists()


def two_pushes(registry: FaultyRegistry, bad: str) -> dict[str, Any]:
    name = word()
    return {
        "image": {
            "dockerfile": f"{ROOT}RUN echo {name} >/made\n",
            "tags": [f"{registry.address}/{name}"],
            "output": ["type=registry"],
            "cache-to": [f"type=registry,ref={registry.address}/{name}:cache"],
        },
        "files": {"output": ["out"]},
        "bad": {"dockerfile": f"{ROOT}RUN sleep 1.5; {bad}\n"},
    }


@pytest.mark.parametrize("option", ["--push-when-all-succeed", "--execution=defer-output"])
@pytest.mark.parametrize("jobs", ["--jobs=0", "--jobs=1"])
def test_nothing_is_pushed_or_written_before_everything_is_built(
    project: Path, pybake: Command, pushed: FaultyRegistry, option: str, jobs: str
) -> None:
    define(project, {"default": ["image", "files", "bad"]}, **two_pushes(pushed, "exit 3"))

    assert pybake(option, jobs).code == 1

    assert pushed.writes == []
    assert not (project / "out").exists()


def test_the_default_pushes_what_is_built(project: Path, pybake: Command, pushed: FaultyRegistry) -> None:
    """What the test above would see without its option."""
    targets = two_pushes(pushed, "exit 3")
    repository = targets["image"]["tags"][0].partition("/")[2]
    there = until_there_is(f"http://{pushed.address}/v2/{repository}/tags/list")
    bad = {"dockerfile": f"{ROOT}RUN {there}; exit 3\n", **NETWORK}
    define(project, {"default": ["image", "bad"]}, image=targets["image"], bad=bad)
    assert pybake(ALLOWED).code == 1
    assert pushed.writes != []


def test_everything_is_pushed_once_everything_is_built(
    project: Path, pybake: Command, pushed: FaultyRegistry
) -> None:
    targets = two_pushes(pushed, f"echo {word()}")
    define(project, {"default": ["image", "files", "bad"]}, **targets)

    pybake("--push-when-all-succeed", "--metadata-file=facts.json").ok()

    facts = json.loads((project / "facts.json").read_text())["image"]
    repository = targets["image"]["tags"][0].partition("/")[2]
    assert any(f"PUT /v2/{repository}/manifests/latest" in one for one in pushed.writes)
    assert facts["containerimage.digest"].startswith("sha256:")
    assert (project / "out/bin").exists()


def test_all_failures_are_told_and_nothing_is_pushed(
    project: Path, pybake: Command, pushed: FaultyRegistry
) -> None:
    targets = two_pushes(pushed, "exit 3")
    define(
        project,
        {"default": ["image", "bad", "worse"]},
        **targets,
        worse={"dockerfile": f"{ROOT}RUN exit 4\n"},
    )

    told = pybake("--push-when-all-succeed", "--keep-going", "--progress=plain")

    assert told.code == 1
    assert "exit code: 3" in told.stderr
    assert "exit code: 4" in told.stderr
    assert "image: skipped" in told.stderr
    assert pushed.writes == []


def test_a_target_has_its_time(project: Path, pybake: Command) -> None:
    unique = word()
    define(
        project,
        {"default": ["slow", "fine"]},
        slow={"dockerfile": f"{ROOT}RUN sleep 600 # {unique}\n", "output": ["slow"]},
        fine={"dockerfile": "FROM scratch\nCOPY Dockerfile /made\n", "output": ["fine"]},
    )

    told = pybake("--keep-going", "--timeout=10500ms")

    assert told.code == 2
    assert "ERROR: Time is up; target `slow`: not done within 10.5 s" in told.stderr
    assert (project / "fine/made").exists()
    until_no_process_has(unique)


def test_the_same_build_runs_once(project: Path, pybake: Command) -> None:
    same = {
        "dockerfile": f"{ROOT}RUN date +%N > /made # {word()}\n",
        "no-cache": True,
        "output": ["type=cacheonly"],
    }
    define(project, {"default": ["a", "b", "child"]}, a=same, b=same, child=on_top("b"))

    told = pybake("--progress=rawjson", "--metadata-file=facts.json").ok()

    facts = json.loads((project / "facts.json").read_text())
    assert set(facts) == {"a", "b", "child"}
    assert facts["a"]["buildx.build.ref"] == facts["b"]["buildx.build.ref"]
    assert len(running_steps(told.stderr)) == 1


def on_top(target: str) -> dict[str, Any]:
    return {
        "contexts": {"parent": f"target:{target}"},
        "dockerfile": "FROM parent\n",
        "output": ["type=cacheonly"],
    }


def test_steps_of_builds_that_differ_in_their_names_run_once(project: Path, pybake: Command) -> None:
    dockerfile = f"{ROOT}RUN date +%N > /made # {word()}\n"
    define(
        project,
        {"default": ["a", "b"]},
        a={"dockerfile": dockerfile, "output": ["a"]},
        b={"dockerfile": dockerfile, "output": ["b"]},
    )
    pybake().ok()
    assert (project / "a/made").read_text() == (project / "b/made").read_text()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--keep-going", "--fail-fast"], "--fail-fast and --keep-going contradict each other"),
        (["--execution=all"], "expected one of fail-fast, defer-output, defer-error"),
        (["--timeout=soon"], "invalid duration soon"),
        (["--jobs=-1"], "--jobs"),
        (["--retries=few"], "--retries"),
    ],
)
def test_options_that_make_no_sense(project: Path, pybake: Command, options: list[str], said: str) -> None:
    define(project, app={"output": ["out"]})
    told = pybake("app", *options)
    assert told.code == 1
    assert said in told.stderr
    assert not (project / "out").exists()


@pytest.mark.parametrize("command", ["bake", "build"])
def test_help_names_the_options(pybake: Command, command: str) -> None:
    text = pybake(command, "--help").ok().stdout
    for option in ("jobs", "jobs-per-node", "keep-going", "fail-fast", "push-when-all-succeed"):
        assert f"--{option} " in text
    for option in ("retries N", "timeout DURATION", "execution MODE"):
        assert f"--{option} " in text


def test_build_has_a_time_too(project: Path, pybake: Command) -> None:
    (project / "Dockerfile").write_text(f"{ROOT}RUN sleep 600 # {word()}\n")
    told = pybake("build", ".", "--timeout", "1s")
    assert told.code == 1
    assert "Time is up" in told.stderr
