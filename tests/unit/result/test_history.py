"""What is told of a build of the past, from its record alone."""

from __future__ import annotations

from typing import Any

import pytest

from bake.buildkit.history import Record
from bake.result.history import Attachment, Facts, Failed, Place, build_name, document, duration, status

SECOND = 10**9


@pytest.mark.parametrize(
    ("attrs", "place", "name"),
    [
        ({}, None, ""),
        ({}, Place("/src/app", "/src/app/Dockerfile"), "app"),
        ({}, Place("/src/app", ""), "app"),
        ({}, Place("/src/app", "/src/app/Other"), "app/Other"),
        ({}, Place("/src/app", "/src/app/sub/Other"), "app/sub/Other"),
        ({}, Place("/src/app", "/elsewhere/Dockerfile"), "elsewhere"),
        ({}, Place("/src/app", "/elsewhere/Other"), "elsewhere/Other"),
        ({"target": "base"}, Place("/src/app", ""), "app (base)"),
        ({"target": "base"}, None, "base"),
        ({"build-arg:BUILDKIT_BUILD_NAME": "mine", "target": "base"}, Place("/src/app"), "mine"),
        ({"context": "https://github.com/o/r.git"}, None, "https://github.com/o/r.git"),
        ({"vcs:localdir:context": "sub"}, None, "sub"),
        (
            {"vcs:localdir:context": ".", "vcs:source": "https://github.com/o/r"},
            None,
            "https://github.com/o/r",
        ),
        ({"filename": "Dockerfile"}, None, ""),
        ({"filename": "sub/Other"}, None, "sub/Other"),
        ({}, Place("-", "Dockerfile"), ""),
    ],
)
def test_a_build_is_called_after_its_files(attrs: dict[str, str], place: Place | None, name: str) -> None:
    assert build_name(attrs, place) == name


@pytest.mark.parametrize(
    ("record", "word"),
    [
        (Record("r", created_ns=1), "running"),
        (Record("r", created_ns=1, completed_ns=2), "completed"),
        (Record("r", created_ns=1, completed_ns=2, error="no", error_code=2), "failed"),
        (Record("r", created_ns=1, completed_ns=2, error="context canceled", error_code=1), "canceled"),
    ],
)
def test_states_have_words(record: Record, word: str) -> None:
    assert status(record) == word


def test_a_running_build_lasts_until_now() -> None:
    assert duration(Record("r", created_ns=5), 12) == 7
    assert duration(Record("r", created_ns=5, completed_ns=9), 12) == 4


def test_attributes_are_shown_in_their_places() -> None:
    attrs = {
        "filename": "Dockerfile",
        "target": "base",
        "platform": "linux/amd64,linux/arm/v7",
        "build-arg:A": "1",
        "build-arg:SOURCE_DATE_EPOCH": "0",
        "label:l": "m",
        "context:extra": "local:extra",
        "add-hosts": "a=1.2.3.4,b=::1",
        "no-cache": "one,two",
        "memory": "2048",
        "frontend.caps": "x",
        "attest:provenance": "mode=max",
        "odd": "thing",
        "multi-platform": "true",
    }
    record = Record(
        "r", attrs=attrs, created_ns=SECOND, completed_ns=3 * SECOND, total_steps=4, cached_steps=1
    )
    found = document(record, Facts(Place("/src/app", "/src/app/Dockerfile", "/src")))

    expected: dict[str, Any] = {
        "Name": "app (base)",
        "Ref": "r",
        "Context": "app",
        "Dockerfile": "Dockerfile",
        "Target": "base",
        "Platform": ["linux/amd64", "linux/arm/v7"],
        "NamedContexts": [{"Name": "extra", "Value": "local:extra"}],
        "StartedAt": SECOND,
        "CompletedAt": 3 * SECOND,
        "Duration": 2 * SECOND,
        "Status": "completed",
        "NumCompletedSteps": 0,
        "NumTotalSteps": 4,
        "NumCachedSteps": 1,
        "BuildArgs": [{"Name": "A", "Value": "1"}, {"Name": "SOURCE_DATE_EPOCH", "Value": "0"}],
        "Labels": [{"Name": "l", "Value": "m"}],
        "Config": {
            "ExtraHosts": ["a=1.2.3.4", "b=::1"],
            "MultiPlatform": True,
            "Memory": "2048",
            "SourceDateEpoch": "0",
            "NoCacheFilter": ["one", "two"],
            "RestRaw": [{"Name": "odd", "Value": "thing"}],
        },
    }
    assert found == expected


def test_failures_and_what_is_left_are_told() -> None:
    record = Record("r", created_ns=1, completed_ns=2, error="it broke", error_code=2)
    facts = Facts(
        failed=Failed("RUN x", ("one", "two")),
        excerpts="lines",
        materials=[{"uri": "pkg:docker/alpine", "digest": {"sha256": "12"}}],
        attachments=[Attachment("sha256:1", "index"), Attachment("sha256:2", "sbom", "linux/amd64")],
    )
    found = document(record, facts)

    assert found["Error"] == {
        "Code": 2,
        "Message": "it broke",
        "Name": "RUN x",
        "Logs": ["one", "two"],
        "Sources": "bGluZXM=",
    }
    assert found["Materials"] == [{"URI": "pkg:docker/alpine", "Digests": ["sha256:12"]}]
    assert found["Attachments"] == [
        {"Digest": "sha256:1", "Type": "index"},
        {"Digest": "sha256:2", "Platform": "linux/amd64", "Type": "sbom"},
    ]
