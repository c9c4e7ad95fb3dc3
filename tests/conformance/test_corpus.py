"""Real bake files of 57 repositories: what pybake makes of them against what buildx 0.36.1 printed.

The corpus stands beside the project (`../shared/corpus`); without it these tests say so and are skipped.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.conformance.judge import Asked, ask, deviates, difference, loaded, words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bake.model.target import Definition

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared"
CORPUS = SHARED / "corpus"
RECORDED = SHARED / "recorded-0.36.json"


def expectations() -> list[Path]:
    """The expectation files, but for the sets whose files are not told by their names (`_c…`)."""
    found = sorted((CORPUS / "expected").rglob("*.json"))
    return [path for path in found if not path.name.startswith("_c")]


def files_of(expectation: Path) -> tuple[str, ...]:
    """The files that were named with `-f`: none for the default lookup, all of a folder's for `_all`."""
    if expectation.name == "_lookup.json":
        return ()
    if expectation.name == "_all.json":
        beside = sorted(path.name for path in expectation.parent.glob("[!_]*.json"))
        return tuple(name.removesuffix(".json") for name in beside)
    return (expectation.name.removesuffix(".json"),)


def runs(expectation: Path) -> Iterator[tuple[str, dict[str, Any], Asked]]:
    """Every recorded run of one file: its name, what was printed, what to ask."""
    folder = str(CORPUS / "files" / expectation.parent.relative_to(CORPUS / "expected"))
    files = files_of(expectation)
    recorded = json.loads(expectation.read_text())
    yield "default", recorded["default"], Asked(folder, files)
    yield "list", recorded["list"], Asked(folder, files, listing="type=targets,format=json")
    yield "vars", recorded["vars"], Asked(folder, files, listing="type=variables,format=json")
    for name, answer in recorded["targets"].items():
        yield f"target {name}", answer, Asked(folder, files, (name,))


def read_once() -> Callable[[Asked], Definition]:
    """Loads the files of the first run, for all runs of the same files: no run may change what was loaded."""
    known: list[Definition] = []

    def once(asked: Asked) -> Definition:
        if not known:
            known.append(loaded(asked))
        return known[0]

    return once


def judged(
    case: str, asked: Asked, answer: dict[str, Any], load: Callable[[Asked], Definition] = loaded
) -> str:
    """What is wrong with one run, "" for nothing; listed deviations have to be there."""
    found = difference(ask(asked, load), answer["rc"], answer["stdout"], answer["stderr"])
    if deviates(case):
        return "" if found else f"{case}: listed in deviations.toml, and has vanished"
    return f"{case}: {found}" if found else ""


def corpus_parameters() -> list[Any]:
    if not CORPUS.is_dir():
        return [pytest.param(None, marks=pytest.mark.skip(reason="../shared/corpus is not here"))]
    base = CORPUS / "expected"
    return [
        pytest.param(path, id=str(path.relative_to(base)).removesuffix(".json")) for path in expectations()
    ]


@pytest.mark.parametrize("expectation", corpus_parameters())
def test_the_corpus_means_the_same(expectation: Path) -> None:
    name = str(expectation.relative_to(CORPUS / "expected")).removesuffix(".json")
    load = read_once()
    wrong = [judged(f"{name} {run}", asked, answer, load) for run, answer, asked in runs(expectation)]
    assert [text for text in wrong if text] == []


def recorded_parameters() -> list[Any]:
    if not RECORDED.is_file():
        return [pytest.param(None, marks=pytest.mark.skip(reason="../shared/recorded-0.36.json is not here"))]
    return [pytest.param(case, id=case["name"]) for case in json.loads(RECORDED.read_text())]


@pytest.mark.parametrize("case", recorded_parameters())
def test_recorded_runs_of_the_reference(case: dict[str, Any], tmp_path: Path) -> None:
    for name, text in case["files"].items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    asked = words(case["args"], str(tmp_path), case["env"])
    assert judged(f"recorded {case['name']}", asked, case) == ""
