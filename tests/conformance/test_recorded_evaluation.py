"""What the reference printed, as far as evaluating alone decides it: arguments of one target, and faults.

Needs the recordings beside the repository; skipped without them.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.evaluating import attribute, refused

RECORDINGS = Path(__file__).parents[3] / "shared" / "recorded-0.36.json"
OTHERS = re.compile(r", and \d+ other diagnostic\(s\)$")
FLAGS = {"--print", "--var"}


def recorded() -> list[Any]:
    """The recordings of one HCL file and no flags but `--var`."""
    if not RECORDINGS.exists():
        return []
    return [
        case
        for case in json.loads(RECORDINGS.read_text(encoding="utf-8"))
        if list(case["files"]) == ["docker-bake.hcl"]
        and {one for one in case["args"] if one.startswith("-")} <= FLAGS
        and "expected key=value" not in case["stderr"]
    ]


CASES = recorded()


def test_there_are_recordings() -> None:
    if not RECORDINGS.exists():
        pytest.skip("the recordings of the reference are not beside the repository")
    assert len(CASES) > 20


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_recording(case: Any) -> None:
    arguments = case["args"]
    given = [arguments[at + 1] for at, flag in enumerate(arguments) if flag == "--var"]
    outside = {"variables": dict(one.split("=", 1) for one in given), "environment": case["env"]}
    text = case["files"]["docker-bake.hcl"]
    if case["rc"]:
        wanted = OTHERS.sub("", case["stderr"].rpartition("ERROR: ")[2].rstrip("\n"))
        assert [f"docker-bake.{line.removeprefix('f.')}" for line in refused(text, **outside)][:1] == [wanted]
    else:
        assert (
            attribute(text, "target.default.args", **outside) == case["stdout"]["target"]["default"]["args"]
        )
