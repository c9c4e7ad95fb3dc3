"""Compose files through the reference's own binary (an older one that knows less of them) and through
pybake: the same print, or the same refusal."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.conformance.judge import Asked, ask, deviates, difference

if TYPE_CHECKING:
    from pathlib import Path

    from tests.commands import Command

BUILD = "services:\n  a:\n    build:\n      "
PROJECTS: dict[str, dict[str, str]] = {
    "short build": {"compose.yaml": "services: {a: {build: ./x/}, b: {image: i}, c.d: {build: .}}"},
    "arguments": {"compose.yaml": f"{BUILD}args: {{A: 1.50, B: , C: yes, D: 0o17, E: 1e3, F: 1e30, VAR: }}"},
    "argument list": {"compose.yaml": f'{BUILD}args: ["A=1", "B=x=y", VAR, "D="]'},
    "service's environment": {
        "compose.yaml": (
            "services: {a: {environment: {A: own, VAR: }, env_file: e.env, build: {args: [A, VAR, E]}}}"
        ),
        "e.env": "E=$A-$VAR\nA=file\n",
    },
    "hosts": {"compose.yaml": f'{BUILD}extra_hosts: ["a=1.1.1.1", "b:2.2.2.2", "a=3.3.3.3", "c=[::1]"]'},
    "contexts": {
        "compose.yaml": (
            "services:\n  x.y: {build: .}\n  a:\n    build:\n"
            '      additional_contexts: {a: ./x, b: "docker-image://i", c: "service:x.y"}'
        )
    },
    "a limit of one number": {"compose.yaml": f"{BUILD}ulimits: {{nproc: 5}}"},
    "size": {"compose.yaml": f"{BUILD}shm_size: 1.5g"},
    "attestations": {"compose.yaml": f"{BUILD}{{sbom: true, provenance: mode=max}}"},
    "x-bake": {
        "compose.yaml": (
            f"{BUILD}{{tags: [a], target: t, cache_from: [c], "
            'x-bake: {tags: b  a, cache-from: "d c", output: ["type=docker"], pull: true}}'
        )
    },
    "dotenv": {"compose.yaml": f"{BUILD}args: [A, B, VAR]", ".env": "VAR=file\nA='$$'\nB=\"$VAR\\n\" # c\n"},
    "extends": {
        "compose.yaml": "services: {a: {extends: {file: s/c.yaml, service: b}, build: {args: {X: 1}}}}",
        "s/c.yaml": "services: {b: {build: {context: ./x, args: {Y: 2}, additional_contexts: {q: r}}}}",
    },
    "include": {
        "compose.yaml": "include: [s/i.yaml]\nservices: {a: {build: x}}",
        "s/i.yaml": "include: [t/j.yaml]\nservices: {b: {build: {target: $T}}}",
        "s/t/j.yaml": "services: {c: {build: ./z}}",
        "s/.env": "T=t\n",
    },
    "merge key": {
        "compose.yaml": "x-b: &b {context: z}\nservices: {a: {build: {<<: *b, target: t}}, b: {build: *b}}"
    },
    "no build at all": {"compose.yaml": "volumes: {}"},
    "unknown key": {"compose.yaml": f"{BUILD}contxt: ."},
    "wrong type": {"compose.yaml": f"{BUILD}args: x"},
    "required variable": {"compose.yaml": f"{BUILD}target: ${{MISSING:?say it}}"},
    "no template": {"compose.yaml": f"{BUILD}target: ${{}}"},
    "undefined secret": {"compose.yaml": f"{BUILD}secrets: [s]"},
    "circular extends": {"compose.yaml": "services: {a: {extends: b, build: .}, b: {extends: a}}"},
    "unset source of a volume": {"compose.yaml": "services: {a: {build: ., volumes: ['$UNSET:/data']}}"},
    "a bind of nothing": {
        "compose.yaml": "services: {a: {build: ., volumes: [{type: bind, target: /x}, {target: /y}]}}"
    },
    "no ports": {"compose.yaml": "services: {a: {build: ., ports: }}"},
    "ports": {"compose.yaml": "services: {a: {build: ., ports: ['$UNSET:80', 80-81/udp, '[::1]:1-2:3-4']}}"},
    "devices": {"compose.yaml": "services: {a: {build: ., devices: [a, 'a:b:c']}}"},
    "too much of a device": {"compose.yaml": "services: {a: {build: ., devices: ['a:b:c:d']}}"},
    "depending on nothing": {"compose.yaml": "services: {a: {build: ., depends_on: {b: }}, b: {image: i}}"},
    "a label that is a number": {"compose.yaml": "services: {a: {build: ., labels: [1]}}"},
    "two names of a volume": {
        "compose.yaml": "services: {a: {build: .}}\nvolumes: {v: {name: q, external: {name: z}}}"
    },
    "missing env file": {"compose.yaml": "services: {a: {env_file: no.env, build: .}}"},
}
TEMPLATES = (
    *("$VAR", "x${VAR}y", "$$VAR", "$$$VAR", "${X:-d}", "${X-d}", "${EMPTY:-d}", "${EMPTY-d}", "${VAR:+p}"),
    *("${VAR+p}", "${X:+p}", "${EMPTY:+p}", "${EMPTY+p}", "${EMPTY?e}", "${X:-${VAR}}", "${X:-${Y:-$VAR}}"),
    *("${X:-a}b${VAR}c", "${X:-{a}}", "${X-y:-z}", "${VAR:-b:?c}", "$1", "a$", "$VAR-1", "${X:-$$VAR}"),
)
VARIABLES = {"VAR": "value", "EMPTY": ""}


def compared(reference: Command, folder: Path, files: dict[str, str]) -> str:
    """What pybake does with a project that the reference does not do, "" for nothing."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    theirs = reference("bake", "--print", "-f", "compose.yaml", **VARIABLES)
    ours = ask(Asked(str(folder), ("compose.yaml",), environment=VARIABLES))
    found = difference(ours, theirs.code, theirs.stdout, theirs.stderr)
    if theirs.code == 0 or found:
        return found
    said = theirs.stderr.partition("ERROR: ")[2].splitlines()[0]
    wordings = [fault.summary.splitlines()[0] for fault in ours.faults]
    return "" if any(said.endswith(words) or words in said or said in words for words in wordings) else said


@pytest.mark.parametrize("name", PROJECTS)
def test_projects_mean_the_same(reference: Command, tmp_path: Path, name: str) -> None:
    found = compared(reference, tmp_path, PROJECTS[name])
    assert bool(found) == deviates(f"compose {name}"), found or "listed, and has vanished"


def test_templates_mean_the_same(reference: Command, tmp_path: Path) -> None:
    labels: dict[str, Any] = {f"t{index}": text for index, text in enumerate(TEMPLATES)}
    text = json.dumps({"services": {"a": {"build": {"labels": labels}}}})
    assert compared(reference, tmp_path, {"compose.yaml": text}) == ""
