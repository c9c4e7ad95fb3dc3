"""Words of the command line, and values that are judged before anything is printed, through both programs:
the same exit code and the same output."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.commands import Command, Result

WORDS = (
    *(
        "--print a",
        "--print --push",
        "--print --load b",
        "--print --push --load a b c d",
        "--print --pull=false",
    ),
    *(
        "--print --check",
        "--print --check --call=outline",
        "--print --call=outline --check",
        "--print --call=no",
    ),
    *("--print --allow=network.host", "--print --allow=no", "--print --allow=", "--print --progress=no"),
    *(
        "--print --provenance=mode=max",
        "--print --provenance=false --sbom=generator=x",
        "--print --sbom=true",
    ),
    *(
        "--print --set a.args.=x",
        "--print --set a.args=x",
        "--print --set *.tags+=x",
        "--print --set [ab].args.q=3",
    ),
    *(
        "--print --set a.shm-size=",
        "--print --set a.ssh=default",
        "--print --set a.secrets=id=x,env=A,src=gone",
    ),
    *(
        "--print --set a.ssh=k=docker-bake.hcl",
        "--print --set a.output=type=tar",
        "--print --set a.output=type=oci",
    ),
    *(
        "--list-targets",
        "--list-variables",
        "--list=type=targets,format=json",
        "--list=no",
        "--print --list=targets",
    ),
    *(
        "--print -fdocker-bake.hcl",
        "--print -f=docker-bake.hcl",
        "--print -f",
        "--print -f gone",
        "--print gone",
    ),
)
DEFINITION = """
variable "V" { default = "x" }
group "default" { targets = ["a", "c"] }
target "a" { args = { V = V } }
target "b" { output = ["type=local,dest=x"] }
target "c" { output = ["type=image", "type=registry,name=z"] }
target "d" { output = ["type=docker"] }
"""
PLACED = {
    "a value for a block of one line": 'variable "M" { type = bool }\ntarget "default" { args = { x = M } }',
    "a circle of one": 'variable "a" { default = "${a}x" }\ntarget "default" { args = { x = a } }',
    "a function that calls itself": (
        'function "f" {\n  params = [a]\n  result = f(a)\n}\ntarget "default" { args = { x = f(1) } }'
    ),
    "targets in a circle": (
        'target "default" { args = { x = target.b.args.x } }\n'
        'target "b" { args = { x = target.default.args.x } }'
    ),
}


def shown(result: Result) -> object:
    """Standard output, read where it is JSON. The reference applies --push and --load in random order: what
    they add comes in the order of its text."""
    if result.stdout[:1] not in ("{", "["):
        return result.stdout.strip()
    found = json.loads(result.stdout)
    for target in found.get("target", {}).values() if isinstance(found, dict) else ():
        target.get("output", []).sort(key=lambda one: json.dumps(one, sort_keys=True))
    return found


@pytest.mark.parametrize("words", WORDS)
def test_words_mean_the_same(reference: Command, pybake: Command, tmp_path: Path, words: str) -> None:
    (tmp_path / "docker-bake.hcl").write_text(DEFINITION)
    theirs = reference.at(tmp_path)("bake", *words.split())
    ours = pybake.at(tmp_path)("bake", *words.split())
    assert (ours.code, shown(ours)) == (theirs.code, shown(theirs))


@pytest.mark.parametrize("text", PLACED.values(), ids=PLACED)
def test_faults_stand_at_the_same_place(
    reference: Command, pybake: Command, tmp_path: Path, text: str
) -> None:
    (tmp_path / "docker-bake.hcl").write_text(text)
    theirs = reference.at(tmp_path)("bake", "--print", M="maybe").stderr.partition("ERROR: ")[2]
    ours = pybake.at(tmp_path)("bake", "--print", M="maybe").stderr.partition("ERROR: ")[2]
    place = theirs.partition(": ")[0]
    assert place
    assert ours.startswith(place)
