"""What GitHub Actions says of the run that a builder is made in, for the provenance of its builds.

Keys and rules are those of util/ghutil (buildx 0.36.1): of each group all variables are set, or none
counts.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from bake.errors import BuilderError
from bake.goscalars import GO_TRUE

if TYPE_CHECKING:
    from bake.host import Host

PATH = "provenance.d/github_actions_context.json"
"""Where BuildKit looks for it, under its configuration's folder."""

_GROUPS = (
    ("GITHUB_ACTOR", "GITHUB_ACTOR_ID", "GITHUB_TRIGGERING_ACTOR"),
    ("GITHUB_REF", "GITHUB_REF_NAME", "GITHUB_REF_PROTECTED", "GITHUB_REF_TYPE"),
    ("GITHUB_REPOSITORY", "GITHUB_REPOSITORY_ID", "GITHUB_REPOSITORY_OWNER", "GITHUB_REPOSITORY_OWNER_ID"),
    (
        *("GITHUB_JOB", "GITHUB_RUN_ATTEMPT", "GITHUB_RUN_ID", "GITHUB_RUN_NUMBER", "GITHUB_SERVER_URL"),
        *("GITHUB_WORKFLOW", "GITHUB_WORKFLOW_REF", "GITHUB_WORKFLOW_SHA"),
    ),
    (
        *("ImageOS", "ImageVersion", "RUNNER_ARCH", "RUNNER_ENVIRONMENT", "RUNNER_NAME", "RUNNER_OS"),
        "RUNNER_TRACKING_ID",
    ),
)
_RUNNER = {"ImageOS": "github_runner_image_os", "ImageVersion": "github_runner_image_version"}


def context(host: Host) -> bytes | None:
    """The run as JSON, None outside of GitHub Actions. Raises BuilderError for an unreadable event."""
    environment = host.environment
    event, path = environment.get("GITHUB_EVENT_NAME"), environment.get("GITHUB_EVENT_PATH")
    if environment.get("GITHUB_ACTIONS") not in GO_TRUE or not event or not path:
        return None
    try:
        payload = json.loads(host.read(path))
    except (OSError, ValueError) as exc:
        raise BuilderError(
            "GitHub's event cannot be read", detail=f"`{path}`: {exc}", hint="GITHUB_EVENT_PATH names it"
        ) from exc
    found = {"github_event_name": event, "github_event_payload": payload}
    for group in _GROUPS:
        if all(environment.get(name) for name in group):
            found |= {_key(name): environment[name] for name in group}
    return json.dumps(found, sort_keys=True, separators=(",", ":")).encode()


def _key(name: str) -> str:
    prefixed = name if name.startswith("GITHUB_") else f"GITHUB_{name}"
    return _RUNNER.get(name, prefixed.lower())
