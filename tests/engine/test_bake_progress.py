"""`--progress` and `--metadata-file`, held against the reference's for the same build."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.engine.bakefile import BOTH, ROOT, define, records, word

if TYPE_CHECKING:
    from pathlib import Path

    from tests.commands import Command


def keys(messages: list[dict[str, Any]]) -> dict[str, set[str]]:
    """The keys of rawjson messages: of a message, and of the things in each of its parts."""
    found: dict[str, set[str]] = {"": set()}
    for message in messages:
        found[""] |= set(message)
        for part, things in message.items():
            found.setdefault(part, set()).update(*things)
    return found


def without_reading_files(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The messages but for those on reading bake files, which are the client's own and not BuildKit's."""
    own = {
        step["digest"]
        for message in messages
        for step in message.get("vertexes", ())
        if step["name"].startswith("[internal] load local bake definitions")
    }
    parts = [
        {
            part: kept
            for part, things in message.items()
            if (kept := [one for one in things if not own & {one.get("digest"), one.get("vertex")}])
        }
        for message in messages
    ]
    return [message for message in parts if message]


def test_raw_messages_have_the_keys_of_the_reference(
    project: Path, pybake: Command, reference: Command
) -> None:
    # the lower-case `as` is worth a warning
    define(
        project,
        app={"dockerfile": f"{ROOT.replace('scratch', 'scratch as base')}RUN echo said; echo {word()} >&2\n"},
    )

    first = pybake("app", "--progress=rawjson", "--no-cache").ok().stderr
    second = reference("bake", "app", "--progress=rawjson", "--no-cache").ok().stderr

    assert [line for line in first.splitlines() if not line.startswith("{")] == []
    ours, theirs = (keys(without_reading_files(records(text))) for text in (first, second))
    assert {"vertexes", "statuses", "logs", "warnings"} <= ours[""]
    assert ours == theirs


def test_raw_messages_of_a_failure_end_with_the_error(project: Path, pybake: Command) -> None:
    define(project, app={"dockerfile": f"{ROOT}RUN exit 3 # {word()}\n"})

    told = pybake("app", "--progress=rawjson")

    assert told.code == 1
    failed = [step for one in records(told.stderr) for step in one.get("vertexes", ()) if "error" in step]
    assert failed[0]["error"].endswith("exit code: 3")


PASSING = re.compile(r"load local bake|reading docker-bake|transferring .*:( \S+B?)?( \d+\.\ds)?$| \.\.\.$")
"""What is said of reading bake files, and of what is still under way."""


def shape(text: str) -> list[str]:
    """Plain progress with no numbers, times, sizes and digests; what is still under way left out."""
    lines = []
    for line in text.splitlines():
        if PASSING.search(line):
            continue
        line = re.sub(r"^#\d+ (?:\d+\.\d+ )?", "", line)
        line = re.sub(r"sha256:[0-9a-f]+|\d+(\.\d+)?k?M?B|\b\d+\.\d+s\b", "…", line)
        lines.append(re.sub(r"( …)+ done$", " done", line).strip())
    return sorted(set(filter(None, lines)))


def test_plain_progress_says_what_the_reference_says(
    project: Path, pybake: Command, reference: Command
) -> None:
    define(project, app={"dockerfile": f"{ROOT}RUN echo said\n", "output": ["type=cacheonly"]})

    ours = shape(pybake("app", "--progress=plain", "--no-cache").ok().stderr)
    theirs = shape(reference("bake", "app", "--progress=plain", "--no-cache").ok().stderr)

    assert "said" in ours
    assert 'building with "default" instance using docker driver' in ours
    assert "[2/2] RUN echo said" in ours
    assert ours == theirs


@pytest.mark.parametrize("mode", ["quiet", "none"])
def test_silent_modes_say_nothing_but_the_error(project: Path, pybake: Command, mode: str) -> None:
    define(
        project,
        app={"dockerfile": f"{ROOT}RUN echo said\n", "output": ["type=cacheonly"]},
        bad={"dockerfile": f"{ROOT}RUN echo said; exit 3\n"},
    )

    fine, failed = pybake("app", f"--progress={mode}"), pybake("bad", f"--progress={mode}")

    assert (fine.code, fine.stdout, fine.stderr) == (0, "", "")
    assert failed.code == 1
    assert failed.stderr.startswith("Dockerfile:4\n")
    assert "ERROR: " in failed.stderr


def test_an_unknown_mode_is_refused_before_anything_is_built(project: Path, pybake: Command) -> None:
    define(project, app={"output": ["out"]})

    told = pybake("app", "--progress=loud")

    assert told.code == 1
    assert "auto, json, none, plain, quiet, rawjson, tty" in told.stderr
    assert not (project / "out").exists()


def metadata(command: Command, folder: Path, *words: str, **environment: str) -> dict[str, Any]:
    """What the command writes into its metadata file."""
    command(*words, "--metadata-file=meta.json", **environment).ok()
    found: dict[str, Any] = json.loads((folder / "meta.json").read_text())
    (folder / "meta.json").unlink()
    return found


def test_metadata_has_the_keys_of_the_reference(project: Path, pybake: Command, reference: Command) -> None:
    define(
        project,
        {"default": ["plain", "named", "exported", "cached"]},
        plain={},
        named={"tags": ["progress/meta:1"]},
        exported={"output": ["type=oci,dest=app.tar"]},
        cached={"output": ["type=cacheonly"]},
    )

    ours, theirs = metadata(pybake, project), metadata(reference, project, "bake")

    assert list(ours) == list(theirs) == ["cached", "exported", "named", "plain"]
    for target, fields in theirs.items():
        # of a build with nothing to keep the engine may not have its provenance yet when it is asked
        assert set(ours[target]) | {"buildx.build.provenance"} == set(fields) | {"buildx.build.provenance"}
        assert list(ours[target]) == sorted(ours[target])
    assert ours["named"]["image.name"] == theirs["named"]["image.name"] == "docker.io/progress/meta:1"
    assert ours["plain"]["buildx.build.ref"].startswith("default/default/")
    assert ours["plain"]["buildx.build.provenance"]["buildType"] == "https://mobyproject.org/buildkit@v1"


def test_metadata_of_two_platforms_has_the_provenance_of_each(project: Path, pybake: Command) -> None:
    define(project, app={"platforms": BOTH})

    ours = metadata(pybake, project, "app")["app"]

    assert {key for key in ours if key.startswith("buildx.build.provenance")} == {
        "buildx.build.provenance/linux/amd64",
        "buildx.build.provenance/linux/arm64",
    }
    assert ours["containerimage.descriptor"]["digest"] == ours["containerimage.digest"]


def test_metadata_has_warnings_when_they_are_asked_for(
    project: Path, pybake: Command, reference: Command
) -> None:
    define(project, app={"dockerfile": "FROM scratch as base\nCOPY Dockerfile /\n"})
    asked = {"BUILDX_METADATA_WARNINGS": "1", "BUILDX_METADATA_PROVENANCE": "disabled"}

    ours = metadata(pybake, project, "app", **asked)
    theirs = metadata(reference, project, "bake", "app", **asked)
    silent = metadata(pybake, project, "app", BUILDX_METADATA_PROVENANCE="disabled")

    for found in (*ours["buildx.build.warnings"], *theirs["buildx.build.warnings"]):
        found.pop("vertex", None)
    assert ours["buildx.build.warnings"] == theirs["buildx.build.warnings"]
    assert list(silent) == ["app"]
    assert "buildx.build.provenance" not in silent["app"]


def test_metadata_is_written_whole_or_not_at_all(project: Path, pybake: Command) -> None:
    define(
        project,
        fine={"output": ["type=cacheonly"]},
        bad={"dockerfile": "FROM scratch\nCOPY nope /\n"},
    )
    (project / "meta.json").write_text("former")
    before = {path.name for path in project.iterdir()}

    failed = pybake("bad", "--metadata-file=meta.json")
    unwritable = pybake("fine", "--metadata-file=nowhere/meta.json")

    assert (failed.code, unwritable.code) == (1, 1)
    assert (project / "meta.json").read_text() == "former"
    assert {path.name for path in project.iterdir()} == before
    assert "nowhere/meta.json" in unwritable.stderr
