"""Many targets at once: all are built, failures are named, memory does not grow with their number."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.engine.bakefile import ROOT, define, word

if TYPE_CHECKING:
    from pathlib import Path

    from tests.commands import Command

FAILING = (7, 55, 123)


def many(count: int, failing: tuple[int, ...] = ()) -> dict[str, Any]:
    """Targets that differ, the three failing ones each in a Dockerfile line of its own."""
    stamp = word()
    return {
        f"t{number:03}": {
            "dockerfile": (
                f"{ROOT}RUN exit {number}\n"
                if number in failing
                else f"FROM scratch\nLABEL n={stamp}{number}\n"
            ),
            "output": ["type=cacheonly"],
        }
        for number in range(count)
    }


def test_two_hundred_at_once(project: Path, pybake: Command) -> None:
    targets = many(200)
    define(project, {"default": list(targets)}, **targets)
    pybake("--metadata-file=facts.json").ok()
    facts = json.loads((project / "facts.json").read_text())
    assert set(facts) == set(targets)
    assert len({one["buildx.build.ref"] for one in facts.values()}) == 200


def test_three_hundred_with_three_failures(project: Path, pybake: Command) -> None:
    targets = many(300, FAILING)
    define(project, {"default": list(targets)}, **targets)

    told = pybake("--jobs=8", "--keep-going", "--progress=plain", "--metadata-file=facts.json")

    assert told.code == 2
    facts = json.loads((project / "facts.json").read_text())
    failed = {f"t{number:03}" for number in FAILING}
    assert set(facts) == set(targets) - failed
    for number in FAILING:
        assert f">>> RUN exit {number}\n" in told.stderr
        assert f"target `t{number:03}`" in told.stderr
    assert "300 targets: 297 built, 3 failed" in told.stderr
    for number in FAILING:
        assert any(f"t{number:03}" in line and "Dockerfile:4" in line for line in told.stderr.splitlines())


def peak(command: Command, *arguments: str) -> int:
    """The most memory that a run holds, in KiB."""
    script = (
        "import resource, subprocess, sys\n"
        "code = subprocess.run(sys.argv[1:], stderr=subprocess.DEVNULL).returncode\n"
        "print(code, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)\n"
    )
    measured = command.runs("python3", "-c", script, *command.words)(*arguments).ok()
    code, size = map(int, measured.stdout.split())
    assert code == 0
    return size


def test_memory_does_not_grow_with_the_number_of_targets(project: Path, pybake: Command) -> None:
    sizes = {}
    for count in (30, 300):
        targets = many(count)
        define(project, {"default": list(targets)}, **targets)
        sizes[count] = peak(pybake, "--jobs=8", "--keep-going", "--progress=plain")
    assert sizes[300] <= 1.3 * sizes[30], sizes
