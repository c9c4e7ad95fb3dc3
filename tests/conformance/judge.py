"""Runs a definition through pybake's own stages and says where it differs from what the reference printed."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bake.api.definition import Files, Reading, check, load, sources, variables_from
from bake.api.machine import this_machine
from bake.errors import BakeError, flatten
from bake.model.flags import Selection
from bake.model.printing import encode, encode_list, parse_list
from bake.model.selection import select

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bake.host import Host
    from bake.model.target import Definition

CIRCLE = re.compile(r"cycle not allowed for ([\w.-]+)")
PLACE = re.compile(r"(?:^|[\s(])([^\s:(]+):(\d+),(\d+)-")

DEVIATIONS = Path(__file__).parent / "deviations.toml"

UNSTEADY = re.compile(
    r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\dZ)?|\b[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}\b|\b20\d{6}(\d{4}|\d{6})?\b"
)


@dataclass(frozen=True)
class Asked:
    """A run of bake: in `folder`, with these words of the command line."""

    folder: str
    files: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    overrides: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()
    listing: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    flags: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """What came of it: the printed JSON, or the faults."""

    printed: Any = None
    faults: tuple[BakeError, ...] = ()


def loaded(asked: Asked) -> Definition:
    """What the files say, before anything is selected. Raises BakeError, or a group."""
    host = _host(asked)
    texts = sources(Files(asked.files), host, lambda: b"")
    return load(texts, host, Reading(variables_from(asked.variables)))


def _host(asked: Asked) -> Host:
    return this_machine({"HOME": "/home/user", **asked.environment}, asked.folder)


def ask(asked: Asked, loaded: Callable[[Asked], Definition] = loaded) -> Answer:
    """Run it here. Anything but a BakeError is a bug and is raised."""
    host = _host(asked)
    try:
        definition = loaded(asked)
        if asked.listing:
            return Answer(json.loads(encode_list(definition, parse_list(asked.listing))))
        chosen = Selection(targets=asked.targets, overrides=asked.overrides, **asked.flags)
        selected = select(definition, chosen, host)
        check(selected, host)
        return Answer(json.loads(encode(selected)))
    except (BakeError, ExceptionGroup) as error:
        return Answer(faults=tuple(flatten(error)))


def difference(answer: Answer, rc: int, stdout: Any, stderr: str) -> str:
    """What differs from the reference's answer, "" for nothing; `stdout` is parsed JSON or its text.

    A place that the reference names has to be among the places of our faults. It enters a circle of
    references at random: there, the name that it gives has to be one of ours. Inside strings of JSON it
    counts as if nothing were escaped: there, the summary has to be one of ours. A variable's fault it tells
    at whoever refers to it first: there, the words have to be ours.
    """
    if rc == 0:
        if answer.faults:
            return f"refused: {answer.faults[0]}"
        wanted = json.loads(stdout) if isinstance(stdout, str) else stdout
        return _first_difference(sorted_groups(wanted), sorted_groups(answer.printed), "$")
    if not answer.faults:
        return f"accepted what the reference refuses: {last_line(stderr)}"
    return _misplaced(answer, stderr)


def deviates(case: str) -> bool:
    """Whether deviations.toml says that this case differs on purpose."""
    return any(entry["case"] == case for entry in _deviations())


@cache
def _deviations() -> list[dict[str, str]]:
    found: list[dict[str, str]] = tomllib.loads(DEVIATIONS.read_text()).get("deviation", [])
    return found


def last_line(stderr: str) -> str:
    return stderr.strip().splitlines()[-1] if stderr.strip() else ""


def sorted_groups(printed: Any) -> Any:
    """Groups of a matrix with several axes come in random order in the reference: compare them as sets."""
    if not isinstance(printed, dict) or "group" not in printed:
        return printed
    groups = {
        name: {**group, "targets": sorted(group["targets"])} for name, group in printed["group"].items()
    }
    return {**printed, "group": groups}


def _misplaced(answer: Answer, stderr: str) -> str:
    found = PLACE.search(last_line(stderr))
    if found is None:
        return ""
    if found[1].endswith(".json") and any(fault.summary in last_line(stderr) for fault in answer.faults):
        return ""
    if any(fault.detail and f"; {fault.detail}" in last_line(stderr) for fault in answer.faults):
        return ""
    circle = CIRCLE.search(last_line(stderr))
    if circle and any("cycle" in fault.detail and circle[1] in fault.detail for fault in answer.faults):
        return ""
    wanted = (found[1], int(found[2]), int(found[3]))
    places = [
        (fault.span.source.name, fault.span.line, fault.span.column) for fault in answer.faults if fault.span
    ]
    return "" if wanted in places else f"faults at {places}, the reference: {last_line(stderr)}"


def _first_difference(wanted: Any, got: Any, path: str) -> str:
    if isinstance(wanted, dict) and isinstance(got, dict):
        for key in [*wanted, *(key for key in got if key not in wanted)]:
            inner = _first_difference(wanted.get(key, "<absent>"), got.get(key, "<absent>"), f"{path}.{key}")
            if inner:
                return inner
        return ""
    if isinstance(wanted, list) and isinstance(got, list) and len(wanted) == len(got):
        pairs = enumerate(zip(wanted, got, strict=True))
        return next(
            (
                found
                for index, (one, other) in pairs
                if (found := _first_difference(one, other, f"{path}[{index}]"))
            ),
            "",
        )
    return "" if _steady(wanted) == _steady(got) else f"{path}: expected {_short(wanted)}, got {_short(got)}"


def _steady(value: Any) -> Any:
    """`value` without what two runs can never agree on: the time, random ids."""
    return UNSTEADY.sub("…", value) if isinstance(value, str) else value


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) < 200 else text[:200] + "…"


def words(arguments: Sequence[str], folder: str, environment: Mapping[str, str]) -> Asked:
    """The run that a recorded command line asks for."""
    many: dict[str, list[str]] = {"--set": [], "--var": [], "-f": [], "--file": []}
    targets: list[str] = []
    flags: dict[str, Any] = {}
    listing = ""
    rest = list(arguments)
    while rest:
        word = rest.pop(0)
        name, equals, value = word.partition("=")
        if word in many:
            many[word].append(rest.pop(0))
        elif equals and name in many:
            many[name].append(value)
        elif name == "--list":
            listing = value if equals else rest.pop(0)
        elif word in ("--push", "--load"):
            flags[word[2:]] = True
        elif word in ("--pull", "--no-cache"):
            flags[word[2:].replace("-", "_")] = True
        elif name in ("--sbom", "--provenance", "--call"):
            flags[name[2:]] = value if equals else rest.pop(0)
        elif name == "--policy":
            flags["policy"] = (*flags.get("policy", ()), value if equals else rest.pop(0))
        elif word == "--check":
            flags["call"] = "check"
        elif word != "--print":
            targets.append(word)
    return Asked(
        folder,
        tuple(many["-f"] + many["--file"]),
        tuple(targets),
        tuple(many["--set"]),
        tuple(many["--var"]),
        listing,
        environment,
        flags,
    )
