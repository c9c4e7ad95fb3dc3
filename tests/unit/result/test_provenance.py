from __future__ import annotations

import json
from base64 import b64decode
from typing import TYPE_CHECKING, Any, cast

import pytest

from bake.buildkit.history import Blob, BuildResult, EventType, HistoryEvent, Record
from bake.descriptor import PREDICATE_TYPE
from bake.result import provenance

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bake.buildkit.client import Client
    from bake.buildkit.history import Query

OLD = {"builder": {"id": "b"}, "buildConfig": {"x": 1}, "metadata": {"y": 2}, "invocation": {}}
NEW = {
    "buildDefinition": {
        "externalParameters": {
            "configSource": {"uri": "u", "digest": {"sha1": "d"}, "path": "Dockerfile"},
            "request": {"frontend": "dockerfile.v0"},
        },
        "internalParameters": {"builderPlatform": "linux/amd64", "buildConfig": {"llb": 1}, "extra": "e"},
        "resolvedDependencies": [{"uri": "pkg:x", "digest": {"sha256": "y"}, "name": "n"}],
    },
    "runDetails": {
        "builder": {"id": "b"},
        "metadata": {
            "invocationId": "i",
            "startedOn": "s",
            "finishedOn": "f",
            "buildkit_completeness": {"request": True, "resolvedDependencies": False},
            "buildkit_hermetic": True,
            "buildkit_metadata": {"vcs": {"revision": "r"}},
        },
    },
}


def decoded(text: str) -> Any:
    return json.loads(b64decode(text))


class Historian:
    """The part of a client that remembers: one build with provenance for two platforms."""

    def __init__(self, predicate: object, predicate_type: str) -> None:
        self._predicate = predicate
        blob = Blob("application/vnd.in-toto+json", "sha256:p", 1, {PREDICATE_TYPE: predicate_type})
        other = Blob("application/vnd.in-toto+json", "sha256:s", 1, {PREDICATE_TYPE: "spdx"})
        result = BuildResult(attestations=(other, blob))
        self._record = Record("ref", results={"linux/amd64": result, "linux/arm64": BuildResult()})

    def history(self, query: Query) -> Iterator[HistoryEvent]:
        assert query.ref == "ref"
        yield HistoryEvent(EventType.COMPLETE, self._record)

    def read_blob(self, digest: str) -> bytes:
        assert digest == "sha256:p"
        return json.dumps(self._predicate).encode()


def test_from_the_history() -> None:
    historian = cast("Client", Historian(OLD, "https://slsa.dev/provenance/v0.2"))
    found = provenance.fetch(historian, "ref", "max")
    assert list(found) == ["buildx.build.provenance/linux/amd64"]
    assert decoded(found["buildx.build.provenance/linux/amd64"]) == OLD


def test_the_small_form_leaves_out_steps_and_metadata() -> None:
    small = decoded(provenance.encode(OLD, "https://slsa.dev/provenance/v0.2", "min"))
    assert small == {"builder": {"id": "b"}, "invocation": {}}


def test_the_newer_predicate_in_the_words_of_the_older() -> None:
    assert decoded(provenance.encode(NEW, provenance.SLSA_1, "max")) == {
        "builder": {"id": "b"},
        "buildType": "https://mobyproject.org/buildkit@v1",
        "materials": [{"uri": "pkg:x", "digest": {"sha256": "y"}}],
        "invocation": {
            "configSource": {"uri": "u", "digest": {"sha1": "d"}, "entryPoint": "Dockerfile"},
            "parameters": {"frontend": "dockerfile.v0"},
            "environment": {"platform": "linux/amd64", "extra": "e"},
        },
        "buildConfig": {"llb": 1},
        "metadata": {
            "buildInvocationID": "i",
            "buildStartedOn": "s",
            "buildFinishedOn": "f",
            "completeness": {"parameters": True, "environment": True, "materials": False},
            "reproducible": False,
            "https://mobyproject.org/buildkit@v1#metadata": {"vcs": {"revision": "r"}},
            "https://mobyproject.org/buildkit@v1#hermetic": True,
        },
    }


def test_no_materials_are_not_named() -> None:
    assert "materials" not in decoded(provenance.encode({}, provenance.SLSA_1, "min"))


@pytest.mark.parametrize(
    ("setting", "mode"),
    [("", "min"), ("min", "min"), ("max", "max"), ("disabled", ""), ("0", ""), ("what", "min")],
)
def test_modes(setting: str, mode: str) -> None:
    assert provenance.mode(setting) == mode
