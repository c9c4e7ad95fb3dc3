from __future__ import annotations

import json

import pytest

from bake.builder.github import context
from bake.errors import BuilderError
from bake.host import Host

RUN = {
    "GITHUB_ACTIONS": "true",
    "GITHUB_EVENT_NAME": "push",
    "GITHUB_EVENT_PATH": "/event.json",
    "GITHUB_ACTOR": "a",
    "GITHUB_ACTOR_ID": "1",
    "GITHUB_TRIGGERING_ACTOR": "b",
    "GITHUB_REF": "refs/heads/x",
}


def host(event: bytes = b'{"k": [1]}', /, **environment: str) -> Host:
    return Host(environment={**RUN, **environment}, read=lambda _path: event)


def test_whole_groups_of_variables_count() -> None:
    assert json.loads(context(host()) or b"") == {
        "github_event_name": "push",
        "github_event_payload": {"k": [1]},
        "github_actor": "a",
        "github_actor_id": "1",
        "github_triggering_actor": "b",
    }


def test_the_runners_names() -> None:
    names = ("RUNNER_ARCH", "RUNNER_ENVIRONMENT", "RUNNER_NAME", "RUNNER_OS", "RUNNER_TRACKING_ID")
    found = json.loads(context(host(ImageOS="u", ImageVersion="2", **dict.fromkeys(names, "x"))) or b"")
    assert found["github_runner_image_os"] == "u"
    assert found["github_runner_image_version"] == "2"
    assert found["github_runner_tracking_id"] == "x"


@pytest.mark.parametrize("variable", ["GITHUB_ACTIONS", "GITHUB_EVENT_NAME", "GITHUB_EVENT_PATH"])
def test_outside_of_a_run_there_is_nothing(variable: str) -> None:
    assert context(host(**{variable: ""})) is None


def test_an_event_that_cannot_be_read() -> None:
    with pytest.raises(BuilderError, match=r"GitHub's event cannot be read; `/event\.json`"):
        context(host(b"{"))
