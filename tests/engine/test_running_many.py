"""Many targets at once: all are built, failures are named, memory does not grow with their number."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.engine.bakefile import ROOT, define, word

if TYPE_CHECKING:
    from pathlib import Path

    from tests.commands import Command

FAILING = (7, 13, 29)


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


def measured(command: Command, *arguments: str) -> tuple[int, int, str]:
    """A run's exit code, the most memory that it held, in KiB, and what it said."""
    script = (
        "import resource, subprocess, sys\n"
        "code = subprocess.run(sys.argv[1:]).returncode\n"
        "print(code, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)\n"
    )
    told = command.runs("python3", "-c", script, *command.words)(*arguments).ok()
    code, size = map(int, told.stdout.split())
    return code, size, told.stderr


def test_three_hundred_with_three_failures(project: Path, pybake: Command) -> None:
    """Memory does not grow with the number of targets: the same with thirty comes first."""
    sizes = {}
    for count in (30, 300):
        targets = many(count, FAILING)
        define(project, {"default": list(targets)}, **targets)
        options = ("--jobs=8", "--keep-going", "--progress=plain", "--metadata-file=facts.json")
        code, sizes[count], said = measured(pybake, *options)
        assert code == 2

    assert sizes[300] <= 1.3 * sizes[30], sizes
    facts = json.loads((project / "facts.json").read_text())
    assert set(facts) == set(targets) - {f"t{number:03}" for number in FAILING}
    assert "300 targets: 297 built, 3 failed" in said
    for number in FAILING:
        assert f">>> RUN exit {number}\n" in said
        assert f"target `t{number:03}`" in said
        assert any(f"t{number:03}" in line and "Dockerfile:4" in line for line in said.splitlines())
